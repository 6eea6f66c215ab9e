import type { ReviewedComparison, VersionHistory } from '../../review/result.ts';
import type { ComparedLine } from '../../series/compare-versions.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { counted } from '../number-format.ts';
import { asWritten } from './mail-parts.ts';
import { list, section } from './parts.ts';

const FATES = { same: 'the same', changed: 'changed', dropped: 'dropped', new: 'new' } as const;

/** As in a diff of two diffs: what only the earlier version has, and what only the newer one has. */
const SIDES: { readonly [Side in ComparedLine['in']]: readonly [mark: string, style: string] } = {
  both: [' ', 'context'],
  old: ['-', 'remove'],
  new: ['+', 'add'],
};

function lineMarkup(line: ComparedLine | null): Markup {
  if (line === null) return markup`<span class="line at">…\n</span>`;
  const [mark, style] = SIDES[line.in];
  return markup`<span class="line ${style}">${mark}${asWritten(line.text)}\n</span>`;
}

const numbered = (number: number | null): string => (number === null ? '–' : String(number));

const comparison = ({ fate, old, new: fresh, subject, lines }: ReviewedComparison): Markup => {
  const title = `${numbered(old)} → ${numbered(fresh)}: ${subject} (${FATES[fate]})`;
  return lines.length === 0
    ? markup`<p>${title}</p>\n`
    : markup`<details><summary>${title}</summary>
<pre class="diff"><code>${lines.map(lineMarkup)}</code></pre></details>
`;
};

/** Earlier versions beside the newest: what became of the questions, and the patches as `git range-diff` shows them. */
export const versionsSection = (history: readonly VersionHistory[], newest: number): Markup =>
  history.length === 0
    ? NOTHING
    : section(
        'Versions side by side',
        history.map(
          ({ version, settled, open, compared }) => markup`<h3>Version ${version} and version ${newest}</h3>
${list([
  `${counted(settled.length, 'question')} settled${settled.length === 0 ? '' : `: ${settled.join(', ')}`}`,
  `${counted(open.length, 'question')} still open${open.length === 0 ? '' : `: ${open.join(', ')}`}`,
])}${compared.map(comparison)}`,
        ),
      );
