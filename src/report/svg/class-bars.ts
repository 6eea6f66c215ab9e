import { tagSetting } from '../../mte/instruction.ts';
import type { ClassWork, DiffRow } from '../../result/result.ts';
import { savedInstructions } from '../diff-table.ts';
import { byChange, hasWork } from '../diff-text.ts';
import { count, percent } from '../number-format.ts';
import type { SideNames } from '../side-names.ts';
import { withTagWork } from '../work-table.ts';
import { bars, line, type Bar, type Block } from './document.ts';
import { classStyle } from './palette.ts';

/** Tag-setting instructions by class; nothing if there are none. `total`: what shares are of. */
export function classBars(classes: readonly ClassWork[], total: number): readonly Block[] {
  const worked = withTagWork(classes);
  if (worked.length === 0) return [];
  return [
    line('Tag-setting instructions by allocation class', 'head', 28),
    bars(
      worked.map((work): Bar => {
        const instructions = tagSetting(work.instructions);
        return {
          name: work.class,
          style: `${classStyle(work.class)}-solid`,
          share: instructions / total,
          figure: count(instructions),
          note: `${percent(instructions, total)} of all`,
        };
      }),
    ),
  ];
}

/** The same of two sides: the muted bar is before, the full one after. */
export function differenceBars(rows: readonly DiffRow[], names: SideNames): readonly Block[] {
  const classes = rows.filter(hasWork).toSorted(byChange);
  if (classes.length === 0) return [];
  const most = Math.max(...classes.flatMap(({ from, to }) => [from.tagInstructions, to.tagInstructions]), 1);
  return [
    line(`Tag-setting instructions by allocation class: ${names.from}, and below it ${names.to}`, 'head', 28),
    bars(
      classes.flatMap((row): Bar[] => [
        {
          name: row.class,
          style: classStyle(row.class),
          share: row.from.tagInstructions / most,
          figure: count(row.from.tagInstructions),
          note: '',
        },
        {
          name: '',
          style: `${classStyle(row.class)}-solid`,
          share: row.to.tagInstructions / most,
          figure: count(row.to.tagInstructions),
          note: `${percent(savedInstructions(row), row.from.tagInstructions)} saved`,
          last: true,
        },
      ]),
    ),
  ];
}
