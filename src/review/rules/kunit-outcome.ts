import { atChange } from '../places.ts';
import type { Finding } from '../question.ts';
import type { Rule } from '../rule.ts';

export const kunitOutcome: Rule = {
  id: 'kunit-outcome',
  about: 'A KASAN test of the kernel fails under the policy that the series amounts to.',
  follows: 'text',
  ask(series, { audited }): readonly Finding[] {
    const [change] = series.changes;
    if (audited === undefined || change === undefined) return [];
    return audited.failingTests.map((test) => ({
      ...atChange(change),
      text: `KUnit ${test} fails under this policy. Should it change?`,
      evidence: [
        { text: `${test}: passes before, fails with the policy, on the model`, reproduce: audited.conformCommand },
      ],
      modes: [],
      about: test,
    }));
  },
};
