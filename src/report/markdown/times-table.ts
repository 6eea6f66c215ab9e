import { percent } from '../number-format.ts';
import { TIME_FIGURES, type TimeRow, type Times } from '../time-text.ts';
import { heading } from './markdown.ts';
import { pipeTable, type PipeColumn } from './pipe-table.ts';

/** Times by class with their bounds, below their title; no blocks where there are none. */
export function timesBlocks(times: Times | undefined): (readonly string[])[] {
  if (times === undefined) return [];
  const figure = (title: string, cell: (row: TimeRow) => string): PipeColumn<TimeRow> => ({
    title,
    kind: 'figure',
    cell,
  });
  return [
    heading(2, times.title),
    pipeTable<TimeRow>(
      [...times.rows, { name: 'total', time: times.total }],
      [
        [
          { title: 'class', kind: 'class', cell: ({ name }) => name },
          ...TIME_FIGURES.map(({ title, cell }) => figure(title, ({ time }) => cell(time))),
          figure('share of time', ({ time }) => percent(time.best, times.total.best)),
        ],
      ],
    ),
  ];
}
