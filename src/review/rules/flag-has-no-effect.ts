import { allocatorOf, type Allocator } from '../allocators.ts';
import { callsWith } from '../calls-with.ts';
import { KNOWN_MASKS } from '../kernel-facts.ts';
import type { FlagChange } from '../flag-changes.ts';
import { atChange } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import type { Understood } from '../understood.ts';
import { vmallocHeeds } from '../vmalloc.ts';

/** What a message says that knows that slab does not heed the flag. */
const SAYS_SO = /\bslabs?\b|\bslub\b|\bkmem_cache\w*|\bpgd_cache\b|\bpgds? (?:smaller|that are smaller)\b|\bkmalloc/i;

/** Why a flag that keeps memory untagged has no effect where it is passed. */
function reasonOf(series: Understood, flag: string, allocator: Allocator): string | undefined {
  switch (allocator) {
    case 'slab':
      return 'mm/slub.c:new_slab hands on the kind of reclaim and the node alone, and objects are tagged by kasan_slab_alloc, which sees no flags';
    case 'kmalloc':
      return 'up to KMALLOC_MAX_CACHE_SIZE this is an object of a slab cache, tagged by kasan_kmalloc, which sees no flags';
    case 'vmalloc':
      return vmallocHeeds(series, flag)
        ? undefined
        : 'mm/vmalloc.c:__vmalloc_node_range tags the area as one, whatever mask its caller passes';
    case 'pages':
      return undefined;
  }
}

/** The masks that are made of one, and itself. */
function masksWith(name: string): readonly string[] {
  const found = new Set([name]);
  for (const mask of KNOWN_MASKS) if (mask.madeOf.some((part) => found.has(part))) found.add(mask.name);
  return [...found];
}

/** Users of a mask that slab serves, as `file:function by MASK`. */
const slabUsers = (change: FlagChange): readonly string[] =>
  masksWith(change.name).flatMap((name) =>
    (KNOWN_MASKS.find((mask) => mask.name === name)?.users ?? [])
      .filter(({ servedBy, unreachable }) => servedBy === 'slab' && unreachable === undefined)
      .map(({ place }) => `${place} allocates from a slab cache with ${name}`),
  );

export const flagHasNoEffect: Rule = {
  id: 'flag-has-no-effect',
  about: 'A flag goes to a function that drops it.',
  follows: 'cost-stays',
  ask(series) {
    const flags = skipFlags(series);
    const said = SAYS_SO.test(series.text);
    const findings: Finding[] = [];
    for (const change of series.changes) {
      const flag = change.gained.find((name) => flags.includes(name));
      if (flag === undefined) continue;
      if (change.carrier !== 'definition') {
        const allocations = callsWith(series, change).flatMap((callee) => {
          const allocator = allocatorOf(callee);
          return allocator === undefined ? [] : [{ callee, allocator, reason: reasonOf(series, flag, allocator) }];
        });
        // Where another call heeds the flag, the variable has it for that one.
        if (allocations.some(({ reason }) => reason === undefined)) continue;
        const [one] = allocations;
        if (one?.reason === undefined || (said && one.allocator !== 'vmalloc')) continue;
        findings.push({
          ...atChange(change),
          text: `${one.callee}() drops ${flag} here (${one.reason}). Will this allocation still be tagged?`,
          evidence: [inSource(one.reason)],
          modes: [],
          about: one.callee,
        });
      } else if (change.carrier === 'definition' && !said) {
        const users = slabUsers(change);
        if (users.length === 0) continue;
        findings.push({
          ...atChange(change),
          text: `Slab drops ${flag} where it serves an allocation with ${change.name}: ${users[0] ?? ''}. Will these still be tagged?`,
          evidence: users.map(inSource),
          modes: [],
          about: change.name,
        });
      }
    }
    return findings;
  },
};
