/** The style of a thread of mails with their diffs: lines break where they must, so that a page is never scrolled sideways. */
export const THREAD_STYLE = `
:root{--added:#dcf0dc;--removed:#f9e0dc;--c-comment:#63615c;--c-string:#7a4a00;--c-keyword:#7a2f8f;--c-directive:#8a3b12;--c-type:#1f5b92}
@media screen and (prefers-color-scheme:dark){:root{--added:#1c3524;--removed:#43241f;--c-comment:#a5a29b;--c-string:#e0b872;--c-keyword:#d3a4e4;--c-directive:#eda987;--c-type:#8fbcea}}
a{color:var(--link)}
.added{fill:#51995d}.removed{fill:#c2695e}
.mail{border-top:1px solid var(--rule);margin-top:3rem}
.mail h2{margin-top:1.75rem}
pre.text,pre.diff,.question code,.claims code{font-family:ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
pre.text{margin:.75rem 0;max-width:52rem;font-size:.8125rem;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere}
pre.notes{border-left:3px solid var(--rule);padding-left:1rem}
pre.diff{margin:0;font-size:.8125rem;line-height:1.45;tab-size:8;border:1px solid var(--rule);border-top:0}
pre.diff code{font:inherit}
pre .faint{font-size:inherit}
h3.path{margin:1.75rem 0 0;padding:.4rem .75rem;border:1px solid var(--rule);border-radius:4px 4px 0 0;font:600 .8125rem/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
.line{display:block;padding:0 .75rem 0 calc(.75rem + 1ch);text-indent:-1ch;white-space:pre-wrap;overflow-wrap:anywhere}
.line.add{background:var(--added)}
.line.remove{background:var(--removed)}
.line.at{color:var(--faint);padding-top:.3rem;padding-bottom:.3rem;border-top:1px solid var(--rule)}
.c-comment{color:var(--c-comment)}.c-string{color:var(--c-string)}.c-keyword{color:var(--c-keyword)}.c-directive{color:var(--c-directive)}.c-type{color:var(--c-type)}
.line.add .c-comment,.line.remove .c-comment{color:var(--ink)}
.question{border:1px solid var(--rule);border-left:4px solid var(--link);border-radius:0 4px 4px 0;margin:.5rem 0;padding:.7rem 1rem;background:var(--paper)}
.question:target{outline:2px solid var(--link)}
.question p{margin:.15rem 0 .4rem}
.question ul{margin:.25rem 0;font-size:.875rem}
.question code,.claims code{font-size:.8125rem;overflow-wrap:anywhere}
.claims{list-style:none;padding:0}
.claims li{margin:0 0 1.25rem}
.claims p{margin:.2rem 0}
blockquote{margin:.2rem 0;padding-left:1rem;border-left:3px solid var(--rule);max-width:46rem;overflow-wrap:anywhere}
.reply{border-left:2px solid var(--rule);padding-left:1rem;margin:.75rem 0}
.reply p{margin:0}
.depth1{margin-left:.75rem}.depth2{margin-left:1.5rem}.depth3{margin-left:2.25rem}.depth4{margin-left:3rem}
details{margin:.5rem 0}
summary{cursor:pointer;overflow-wrap:anywhere}
@media (max-width:40rem){pre.diff{tab-size:4}.reply{padding-left:.6rem}.depth2,.depth3,.depth4{margin-left:.75rem}}
@media print{.question,.line{break-inside:avoid}}
`;
