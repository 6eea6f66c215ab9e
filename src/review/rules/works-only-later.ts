import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { allowList } from './allow-list.ts';
import { zeroingLost } from './zeroing-lost.ts';

/** Rules whose answer in between would be a wrong kernel, not one that is merely unfinished. */
const WRONG_BETWEEN: readonly Rule[] = [allowList, zeroingLost];

export const worksOnlyLater: Rule = {
  id: 'works-only-later',
  about: 'Between two patches the kernel is wrong; a later one mends it.',
  follows: 'crash',
  ask(series, surroundings) {
    const { patches } = series.version;
    const findings: Finding[] = [];
    for (const rule of WRONG_BETWEEN) {
      const final = new Set(rule.ask(series, surroundings).map(({ about }) => about));
      const asked = new Set<string>();
      for (const [index, patch] of patches.entries()) {
        if (index === patches.length - 1) break;
        const between = surroundings.upTo(patch.number);
        for (const one of rule.ask(between, surroundings)) {
          if (final.has(one.about) || asked.has(one.about)) continue;
          const mended = patches
            .slice(index + 1)
            .find(
              ({ number }) =>
                !rule.ask(surroundings.upTo(number), surroundings).some(({ about }) => about === one.about),
            );
          if (mended === undefined) continue;
          asked.add(one.about);
          findings.push({
            ...one,
            text: `Up to patch ${mended.number - 1} this holds: ${one.text} Patch ${mended.number} settles it. Should their order change?`,
            evidence: [
              inSource(`${rule.id} asks on patches 1 to ${patch.number}, and not on 1 to ${mended.number}`),
              ...one.evidence,
            ],
            about: `${rule.id}:${one.about}`,
          });
        }
      }
    }
    return findings;
  },
};
