import type { LostOfSides } from './losses-text.ts';
import { collapsedDifference, collapsedStacks } from './profiles/collapsed.ts';
import { firefoxProfile } from './profiles/firefox.ts';
import { pprofProfile } from './profiles/pprof.ts';
import { speedscopeFile } from './profiles/speedscope.ts';
import { measureOf } from './stacks/measures.ts';
import type { WeightedStacks } from './stacks/weighted-stacks.ts';
import type { ReportBy } from './text-options.ts';
import type { Writers } from './writers.ts';

/** A result as profilers take it. */
export interface Profiled {
  /** What it is of, in a few words. */
  readonly title: string;
  /** One, or two of which the second is compared with the first. */
  readonly stacks: readonly [WeightedStacks] | readonly [from: WeightedStacks, to: WeightedStacks];
  /** Seconds that the trace takes; undefined where there is no trace. */
  readonly seconds?: number;
  readonly lost?: LostOfSides;
  readonly provenance: { readonly command: string; readonly tagscope: string };
}

/**
 * The forms that profilers read, for any kind of result that has stacks. Where two are compared, the forms that know
 * differences have one, and the others both sides.
 *
 * @param profiledOf makes a profile of a result; `by` is what its stacks are of
 */
export const profileWriters = <Result>(
  profiledOf: (result: Result, by: ReportBy) => Profiled,
): Pick<Writers<Result>, 'collapsed' | 'speedscope' | 'firefox' | 'pprof'> => ({
  collapsed: {
    takes: 'one',
    write: (result, { text, weight }) => {
      const [from, to] = profiledOf(result, text.by).stacks;
      return to === undefined
        ? collapsedStacks(from, measureOf(weight))
        : collapsedDifference(from, to, measureOf(weight));
    },
  },
  speedscope: {
    takes: 'one',
    write: (result, { text, weight }) => {
      const { title, stacks, provenance, lost } = profiledOf(result, text.by);
      const name = lost === undefined || lost.words === '' ? title : `${title} (${lost.words})`;
      return `${JSON.stringify(speedscopeFile(stacks, weight, name, provenance.tagscope))}\n`;
    },
  },
  firefox: {
    takes: 'one',
    write: (result, { text }) => {
      const { title, stacks, provenance, lost } = profiledOf(result, text.by);
      const notes = {
        title,
        version: provenance.tagscope,
        command: provenance.command,
        losses: lost?.sentences ?? [],
      };
      return `${JSON.stringify(firefoxProfile(stacks, notes))}\n`;
    },
  },
  pprof: {
    takes: 'one',
    write: (result, { text, weight }) => {
      const { title, stacks, provenance, lost, seconds } = profiledOf(result, text.by);
      const notes = {
        ...(seconds === undefined ? {} : { seconds }),
        comments: [
          `tagscope ${provenance.tagscope}: ${title}`,
          `command: ${provenance.command}`,
          ...(lost?.sentences ?? []).map((loss) => `not covered: ${loss}`),
        ],
      };
      const [first, second] = stacks;
      return second === undefined ? pprofProfile(first, weight, notes) : pprofProfile(second, weight, notes, first);
    },
  },
});
