import { atChange } from '../places.ts';
import type { Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';

const percent = (share: number): string => `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;

export const detectionLost: Rule = {
  id: 'detection-lost',
  about: 'Kinds of bugs are found less often under the policy that the series amounts to.',
  follows: 'detection',
  ask(series, { audited }) {
    if (audited === undefined || audited.lost.length === 0) return [];
    const flags = skipFlags(series);
    const change =
      series.changes.find(({ gained }) => gained.some((flag) => flags.includes(flag))) ?? series.changes[0];
    if (change === undefined) return [];
    const findings: Finding[] = [];
    for (const name of new Set(audited.lost.map((lost) => lost.class))) {
      const lost = audited.lost.filter((one) => one.class === name);
      const [worst] = lost.toSorted((a, b) => b.before - b.after - (a.before - a.after));
      if (worst === undefined) continue;
      findings.push({
        ...atChange(change),
        text: `Without tags on ${name}, ${lost.length} of ${audited.kinds} kinds of bugs are found less often, for example ${worst.bug}: ${percent(worst.before)} before, ${percent(worst.after)} after. Is that accepted?`,
        // One command shows all of them.
        evidence: lost.slice(0, 20).map(({ bug, before, after }, index) => ({
          text: `${name}, ${bug}: ${percent(before)} before, ${percent(after)} after`,
          reproduce: index === lost.length - 1 || index === 19 ? audited.auditCommand : null,
        })),
        modes: [],
        about: name,
      });
    }
    return findings;
  },
};
