import { GRAPH_STYLE } from '../svg/graph-style.ts';
import { colorStyle } from '../svg/palette.ts';
import { THREAD_STYLE } from './thread-style.ts';

/**
 * The style sheet of pages: one column of text, figures that are aligned, light or dark as the reader likes it, and room
 * for wide tables and graphs by scrolling them and not the page. No fonts but those of the reader's machine.
 */
export const PAGE_STYLE = `${colorStyle()}
:root{--link:#1f5b92;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--link:#8fbcea}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:72rem;margin:0 auto;padding:3.5rem 1.5rem 5rem}
h1,h2,h3,.lead{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L","Source Serif Pro",Georgia,"DejaVu Serif",serif;text-wrap:balance}
.eyebrow{margin:0;color:var(--faint);font-size:.8125rem;letter-spacing:.08em;text-transform:uppercase}
h1{margin:.35rem 0 .9rem;font-size:clamp(1.6rem,4.5vw,2.35rem);line-height:1.15;font-weight:600;overflow-wrap:anywhere}
h2{margin:3.25rem 0 .75rem;font-size:1.3rem;line-height:1.25;font-weight:600;overflow-wrap:anywhere}
h3{margin:1.5rem 0 .35rem;font-size:1rem;font-weight:600;overflow-wrap:anywhere}
.lead{max-width:46rem;margin:0;font-size:1.1875rem;line-height:1.5;text-wrap:pretty;overflow-wrap:anywhere}
p,li,dd{max-width:46rem;overflow-wrap:anywhere}
.option{white-space:nowrap}
.faint,caption,figcaption,.note{color:var(--faint);font-size:.875rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:0;margin:2.25rem 0 0;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule)}
.figures div{padding:.9rem 1.25rem .95rem 0}
.figures dt{color:var(--faint);font-size:.8125rem}
.figures dd{margin:.1rem 0 0;font-size:1.5rem;line-height:1.25;font-variant-numeric:tabular-nums lining-nums;font-feature-settings:"tnum","lnum"}
.figures dd small{display:block;color:var(--faint);font-size:.8125rem;line-height:1.4}
.scroll{overflow-x:auto;margin:.75rem 0;background:linear-gradient(to right,var(--paper) 40%,transparent) left/2.5rem 100% no-repeat local,linear-gradient(to left,var(--paper) 40%,transparent) right/2.5rem 100% no-repeat local,linear-gradient(to right,var(--rule),transparent) left/1rem 100% no-repeat scroll,linear-gradient(to left,var(--rule),transparent) right/1rem 100% no-repeat scroll}
.scroll:focus-visible,a:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:3px}
table{border-collapse:collapse;width:100%;font-size:.9375rem;font-variant-numeric:tabular-nums lining-nums}
table.narrow{width:auto;min-width:50%}
caption{padding:0 0 .6rem;text-align:left;caption-side:top}
th,td{padding:.34rem 0 .34rem 1.25rem;text-align:right;vertical-align:baseline;white-space:nowrap}
th:first-child,td:first-child{padding-left:0}
th.name,td.name,th.text,td.text,th.prose,td.prose{text-align:left}
td.prose{min-width:14rem;white-space:normal}
td.name,tbody th.name{font-family:ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.8125rem;font-weight:400;white-space:normal;overflow-wrap:anywhere;min-width:15rem}
table.narrow .name{min-width:0}
tbody th{font-weight:400}
thead tr>*{border-bottom:1px solid var(--ink)}
thead th{color:var(--faint);font-size:.8125rem;font-weight:500;vertical-align:bottom;line-height:1.3;white-space:normal}
thead th.figure{min-width:5.6rem}
tbody tr+tr>*{border-top:1px solid var(--rule)}
tfoot tr>*{border-top:1px solid var(--ink);font-weight:600}
td.bar{width:34%;min-width:8rem}
td.bar svg{display:block;width:100%;height:.8rem;transform:translateY(.1rem)}
td.bar svg+svg{margin-top:1px}
td.bar:has(svg+svg) svg{height:.5rem;transform:translateY(-.05rem)}
th button{all:unset;cursor:pointer}
th button:hover{color:var(--ink)}
th button::after{content:"";display:inline-block;width:.9em;text-align:right}
th[aria-sort=descending] button::after{content:"\\2193"}
th[aria-sort=ascending] button::after{content:"\\2191"}
figure{margin:0}
.flame{display:block;width:100%;min-width:45rem}
.trade-off{display:block;width:100%;min-width:40rem;max-width:60rem;font-size:13px}
.trade-off text{fill:var(--ink)}
.trade-off .axis,.trade-off .grid{stroke:var(--ink);fill:none}
.trade-off .grid{opacity:.15}
.trade-off .faint{opacity:.75;font-size:13px}
.trade-off .label{font-size:12px;paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.trade-off .leader{stroke:var(--ink);stroke-width:.75;opacity:.5}
.trade-off .front{stroke:var(--link);stroke-width:1.5;stroke-dasharray:4 3;fill:none}
.trade-off .point{fill:var(--faint)}
.trade-off .best{fill:var(--link)}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.4rem;margin:.5rem 0;padding:0;list-style:none;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.45rem}
.legend svg{width:.9rem;height:.9rem}
ul.plain{padding-left:1.1rem}
.about{display:grid;grid-template-columns:max-content 1fr;gap:.45rem 1.5rem;margin:.75rem 0}
.about dt{color:var(--faint)}
.about dd{margin:0}
.command{display:flex;align-items:flex-start;gap:1rem;margin:1rem 0;padding:.8rem 1rem;border:1px solid var(--rule);border-radius:4px}
.command pre{flex:1;margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:.8125rem/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
.command button{padding:.1rem .7rem;border:1px solid var(--rule);border-radius:3px;background:none;color:var(--link);font:inherit;font-size:.8125rem;cursor:pointer}
.warning{border-left:3px solid var(--k0-solid);padding-left:1rem}
@media screen and (max-width:40rem){.scroll:not(:has(.narrow))::before{content:"Scroll sideways for the rest \\2192";position:sticky;left:0;display:block;width:max-content;padding:.1rem 0;color:var(--faint);font-size:.8125rem}}
@media (max-width:40rem){main{padding:2rem 1rem 3rem}.about{grid-template-columns:1fr;gap:.1rem}.about dd{margin-bottom:.7rem}td.bar,th.bar{display:none}caption{position:sticky;left:0;max-width:calc(100vw - 2rem)}.figures div{padding-right:.75rem}.figures{grid-template-columns:1fr 1fr}.figures dd{font-size:1.25rem}td.name,tbody th.name{min-width:8.5rem}thead th.figure{min-width:4.6rem}th,td{padding-left:.9rem}}
@media print{body{font-size:10pt;background:none}tfoot{display:table-row-group}main{max-width:none;padding:0}.scroll{overflow:visible}.flame{min-width:0}.command button{display:none}h2{break-after:avoid}tr,figure{break-inside:avoid}}
${THREAD_STYLE}${GRAPH_STYLE}`;
