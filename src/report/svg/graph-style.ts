/** What graphs look like, wherever they stand. */
export const GRAPH_STYLE = `.flame text{font:12px ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;fill:var(--ink)}
.flame rect{stroke:var(--paper);stroke-width:1}
.flame g:hover>svg>rect{stroke:var(--ink)}
`;
