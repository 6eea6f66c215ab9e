import type { Losses, ProfiledTime } from '../../result/result.ts';
import { lossSentences } from '../losses-text.ts';
import { markup, NOTHING, type Content, type Markup } from '../markup.ts';
import { nanoseconds } from '../number-format.ts';
import { graphElement, type Graph } from '../svg/graphs.ts';
import type { ChangeStep } from '../svg/palette.ts';

/** A part of a page with its title. */
export const section = (title: string, ...content: readonly Content[]): Markup => markup`<section>
<h2>${title}</h2>
${content}</section>
`;

/** A figure that stands out, and what to know of it. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** Text in which options stay whole: a browser breaks a line after each hyphen, also after the first of `--threads`. */
export const withOptions = (text: string): readonly Content[] =>
  text
    .split(/(--[a-z][a-z-]{0,40})/)
    .map((part, index) => (index % 2 === 1 ? markup`<span class="option">${part}</span>` : part));

/** The figures that a page is about. */
export const figures = (all: readonly Figure[]): Markup => markup`<dl class="figures">
${all.map(({ name, value, note }) => markup`<div><dt>${name}</dt><dd>${value}${note === '' ? NOTHING : markup`<small>${withOptions(note)}</small>`}</dd></div>\n`)}</dl>
`;

/** What all profiles span; none where the tags take no time. */
export const timeFigures = (times: readonly ProfiledTime[], name = 'Time of the tags, modelled'): readonly Figure[] =>
  times.every(({ time }) => time.high === 0)
    ? []
    : [
        {
          name,
          value: `${nanoseconds(Math.min(...times.map(({ time }) => time.low)))} to ${nanoseconds(Math.max(...times.map(({ time }) => time.high)))}`,
          note: `by ${times.map(({ profile }) => profile).join(' and ')}`,
        },
      ];

export const warnings = (all: readonly string[]): Markup =>
  markup`${all.map((text) => markup`<p class="warning">${text}</p>\n`)}`;

export const list = (all: readonly string[]): Markup =>
  markup`<ul class="plain">${all.map((text) => markup`<li>${text}</li>`)}</ul>\n`;

/** A term and what is said of it. */
type Definition = readonly [term: string, text: string];

const definitions = (all: readonly Definition[]): Markup =>
  markup`<dl class="about">${all.map(([term, text]) => markup`<dt>${term}</dt><dd>${text}</dd>`)}</dl>\n`;

/** What a result does not cover: always there. */
export function lossesSection(losses: Losses): Markup {
  const lost = lossSentences(losses);
  return section('Losses', lost.length === 0 ? markup`<p>None.</p>\n` : list(lost));
}

/** A command line to copy. */
export const command = (line: string): Markup => markup`<div class="command"><pre><code>${line}</code></pre></div>\n`;

/** What figures rest on, and the command that gives them again. */
export const howAgain = (restsOn: readonly Definition[], line: string): Markup =>
  section('How to get these figures again', definitions(restsOn), command(line));

/** Graphs, each with its title and what its widths mean. On a narrow page they are scrolled. */
export const graphFigures = (all: readonly Graph[], titled: boolean): Markup =>
  markup`${all.map(
    (graph) => markup`<figure>
${titled ? markup`<h3>${graph.title}</h3>\n` : NOTHING}<figcaption>${withOptions(graph.caption)} Point at a function for its figures.</figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${graph.title}">${graphElement(graph, '100%')}</div>
</figure>
`,
  )}`;

/** What the colours of changes mean. */
export const legend = (steps: readonly ChangeStep[]): Markup =>
  markup`<ul class="legend">${steps.map(
    ({ style, name }) =>
      markup`<li><svg aria-hidden="true"><rect class="${style}" width="100%" height="100%"/></svg>${name}</li>`,
  )}</ul>\n`;
