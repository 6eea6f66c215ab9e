import type { AllocationClass } from '../../base/allocation-class.ts';
import type { ClassWork, ReportResult, Work } from '../../result/result.ts';
import type { ReportBy } from '../text-options.ts';

/**
 * Tag work by stack: what all writers of profiles and flame graphs take. The rows are a partition of the result's work,
 * so that any measure of `Work` summed over them is the result's total.
 */
export interface WeightedStacks {
  /** What did the work: a policy, and where there are several, a trace. */
  readonly name: string;
  readonly rows: readonly WeightedStack[];
}

export interface WeightedStack {
  readonly class: AllocationClass;
  /** Outermost first; the first one is the class, so that a graph of them is by class at its root. */
  readonly frames: readonly [AllocationClass, ...string[]];
  readonly work: Work;
}

/** What weighted stacks can be made of: a report, or a run of a workload on the model. */
export type StackSource = Pick<ReportResult, 'byClass' | 'bySite'> & Partial<Pick<ReportResult, 'byGroup'>>;

/** Stands below the class where other work of the same result has a stack. */
export const NO_STACK = '(no stack)';
/** Stands for a command that the trace does not tell. */
export const NOT_KNOWN = '(not known)';

/**
 * The stacks of a result.
 *
 * @param by what they are of: stacks proper, or commands, call sites or nothing below their class. A result that was not
 *   grouped has call sites.
 */
export function weightedStacks(name: string, source: StackSource, by: ReportBy): WeightedStacks {
  return { name, rows: rowsOf(source, by) };
}

function rowsOf({ byClass, bySite, byGroup = [] }: StackSource, by: ReportBy): readonly WeightedStack[] {
  if (by === 'class') return byClass.map((work) => stack(work, []));
  // A trace without any stack is by call site all the same.
  if (by === 'site' || byGroup.every(({ group }) => group === ''))
    return bySite.map((work) => stack(work, [work.site]));
  if (by !== 'stack') return byGroup.map((work) => stack(work, [work.group === '' ? NOT_KNOWN : work.group]));
  return byGroup.map((work) =>
    stack(work, work.group === '' ? [NO_STACK, work.site ?? NOT_KNOWN] : work.group.split(';').toReversed()),
  );
}

const stack = (work: ClassWork, frames: readonly string[]): WeightedStack => ({
  class: work.class,
  frames: [work.class, ...frames],
  work,
});

/** One stack of two results, for differences. */
export interface PairedStack extends Pick<WeightedStack, 'class' | 'frames'> {
  /** Undefined where a side does not have the stack. */
  readonly from: Work | undefined;
  readonly to: Work | undefined;
}

/** The stacks of two results, each named once: those of the first in its order, then those that only the second has. */
export function pairStacks(from: WeightedStacks, to: WeightedStacks): readonly PairedStack[] {
  const keyOf = ({ frames }: WeightedStack): string => frames.join('\0');
  const after = new Map(to.rows.map((row) => [keyOf(row), row]));
  const paired = from.rows.map((row): PairedStack => {
    const other = after.get(keyOf(row));
    after.delete(keyOf(row));
    return { class: row.class, frames: row.frames, from: row.work, to: other?.work };
  });
  const added = [...after.values()].map((row): PairedStack => ({
    class: row.class,
    frames: row.frames,
    from: undefined,
    to: row.work,
  }));
  return [...paired, ...added];
}
