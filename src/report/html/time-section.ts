import { markup, NOTHING, type Markup } from '../markup.ts';
import { percent } from '../number-format.ts';
import { TIME_FIGURES, type TimeRow, type Times } from '../time-text.ts';
import { htmlTable, type HtmlColumn } from './html-table.ts';
import { section } from './parts.ts';

/** Times by class with their bounds; nothing where there are none. `note` stands below. */
export function timeSection(times: Times | undefined, note = ''): Markup {
  if (times === undefined) return NOTHING;
  return section(
    times.title,
    htmlTable<TimeRow>(
      [
        { title: 'class', kind: 'text', cell: ({ name }) => name },
        ...TIME_FIGURES.map(({ title, cell }): HtmlColumn<TimeRow> => ({
          title,
          kind: 'figure',
          cell: ({ time }) => cell(time),
        })),
        { title: 'share of time', kind: 'figure', cell: ({ time }) => percent(time.best, times.total.best) },
      ],
      times.rows,
      {
        caption: 'Counts are exact, times are a model: each has the bounds that the profile leaves.',
        narrow: true,
        total: { name: 'total', time: times.total },
      },
    ),
    note === '' ? NOTHING : markup`<p class="note">${note}</p>\n`,
  );
}
