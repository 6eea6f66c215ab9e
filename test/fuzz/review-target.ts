import { ask } from '../../src/review/ask.ts';
import { claimsOf } from '../../src/review/claims.ts';
import { policyOfSeries } from '../../src/review/policy-of-series.ts';
import { remarksOf } from '../../src/review/remarks.ts';
import type { Surroundings } from '../../src/review/rule.ts';
import { understand, type Understood } from '../../src/review/understood.ts';
import { applySeries } from '../../src/series/apply-series.ts';
import { readSeries } from '../../src/series/read-series.ts';
import { newestOf } from '../../src/series/series.ts';
import { seriesTarget } from './series-target.ts';
import type { FuzzTarget } from './target.ts';

/** Whatever a mailbox holds, what is asked of it names a patch and a line of it, and every claim has a verdict. */
export const reviewTarget = (): FuzzTarget => ({
  name: 'review',
  corpus: seriesTarget().corpus,
  async run(_chunks, whole) {
    const version = newestOf(await readSeries([{ name: 'fuzz.mbox', bytes: whole }]));
    const upTo = (patch: number): Understood => {
      const patches = version.patches.filter(({ number }) => number <= patch);
      return understand({ ...version, patches }, applySeries(patches, undefined), {});
    };
    const understood = upTo(Number.POSITIVE_INFINITY);
    const surroundings: Surroundings = { audited: undefined, upTo };
    const numbers = new Set(version.patches.map(({ number }) => number));
    policyOfSeries(understood);
    remarksOf(understood, understood);
    for (const { patch, line, text } of ask(understood, surroundings)) {
      if (patch !== 0 && !numbers.has(patch)) throw new Error('a question about a patch that is not there');
      if (!(line >= 1) || text === '') throw new Error('a question about no line');
    }
    for (const { is, patch } of claimsOf(understood, surroundings))
      if (is === '' || (patch !== 0 && !numbers.has(patch))) throw new Error('a claim without a verdict or a patch');
  },
});
