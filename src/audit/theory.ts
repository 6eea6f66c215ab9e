import type { FreedTags, KasanChanges } from '../base/kasan-changes.ts';
import type { KasanBuild, KernelConfig } from '../kasan/kernel-config.ts';
import type { Subject } from './subject.ts';

/** What share of a bug is detected by the rules, and why. Where what lies there is not known, two bounds. */
export interface Theory {
  readonly low: number;
  readonly high: number;
  readonly reason: string;
}

/** What the rules look at. */
export interface Facts {
  readonly build: KasanBuild;
  /** The policy lets this memory be tagged: pages and areas get a random tag, and poison when they are freed. */
  readonly tagged: boolean;
  /** Of how many such allocations one is tagged: more than 1 where pages are sampled. */
  readonly sampledOf: number;
  /** What is done otherwise than in Linux 7.3. */
  readonly changes: KasanChanges;
  readonly kind: 'read' | 'write' | 'free';
  readonly config: KernelConfig;
  readonly subject: Subject;
}

/** What an access meets. */
export type Met =
  /** A redzone: poison. */
  | 'poison'
  /** Memory that was freed, through a pointer that it once had. */
  | 'freed'
  /** Memory that was freed, through a pointer to what lies beside it. */
  | 'freed neighbour'
  /** Memory of a live owner with its own tag. */
  | 'other owner'
  /** Memory that matches: the same granule, or an object that stays accessible. */
  | 'own'
  /** Nothing is mapped there. */
  | 'not mapped'
  /** Whatever happens to lie there. */
  | 'anything';

const exactly = (value: number, reason: string): Theory => ({ low: value, high: value, reason });

/**
 * Two tags of SW_TAGS. The lowest bit of its generator (mm/kasan/sw_tags.c: an odd multiplier, an odd increment, modulo
 * 2^32) changes with each draw, and 254 is even: tags that are drawn an odd number of draws apart are never equal, others
 * once in 127.
 */
const SW_TAGS_DRAWS: Theory = {
  low: 126 / 127,
  high: 1,
  reason: 'tags alternate between even and odd: never equal, or once in 127',
};

const OTHER_DRAW = 13 / 14;

/** What becomes of the tags of a subject's memory when it is freed. */
export const freedTags = ({ changes, subject }: Pick<Facts, 'changes' | 'subject'>): FreedTags =>
  subject.allocator === 'slab' ? changes.freedObjects : changes.freedPages;

/** What the rules give for an access that meets something, through the pointer that the subject is reached by. */
export function accessTheory(facts: Facts, met: Met): Theory {
  return sampled(facts, ofTagged(facts, met));
}

/**
 * Of sampled allocations only some have a pointer that is checked. What such a pointer meets was mostly not tagged again: it
 * is poison then, or what has another tag; or it has the pointer's still, where freed memory keeps its tag.
 */
function sampled(facts: Facts, theory: Theory): Theory {
  const { sampledOf } = facts;
  if (sampledOf === 1 || theory.high === 0) return theory;
  const reason = `one of ${sampledOf} such allocations has a tag, the others match all; ${theory.reason}`;
  const least = freedTags(facts) === 'keep' ? 0 : Math.min(theory.low, OTHER_DRAW);
  return { low: least / sampledOf, high: 1 / sampledOf, reason };
}

function ofTagged(facts: Facts, met: Met): Theory {
  const { build, kind, config, subject, tagged } = facts;
  if (met === 'not mapped') return exactly(1, 'nothing is mapped there: the MMU faults');
  if (build === 'generic') return genericTheory(met);
  if (build === 'hw-tags' && config.detection.writeOnly && kind === 'read') return exactly(0, 'reads are not checked');
  if (subject.route === 'match-all') return exactly(0, 'the pointer has the match-all tag');
  if (!tagged) return exactly(0, 'the memory is skipped: its pointer has the match-all tag');
  switch (met) {
    case 'own':
      return exactly(0, 'the memory has the tag of the pointer');
    case 'poison':
      return exactly(1, 'the memory is poisoned, with a tag that no pointer has');
    case 'freed':
    case 'freed neighbour':
      return freedTheory(freedTags(facts), met);
    case 'other owner':
      return build === 'sw-tags' ? SW_TAGS_DRAWS : exactly(OTHER_DRAW, 'two tags are drawn from 14');
    case 'anything':
      return build === 'sw-tags'
        ? SW_TAGS_DRAWS
        : { low: OTHER_DRAW, high: 1, reason: 'poison, or a tag that is equal once in 14' };
  }
}

function freedTheory(tags: FreedTags, met: 'freed' | 'freed neighbour'): Theory {
  switch (tags) {
    case 'poison':
      return exactly(1, 'the memory is poisoned, with a tag that no pointer has');
    case 'keep':
      return met === 'freed'
        ? exactly(0, 'freed memory keeps the tag that the pointer has')
        : exactly(OTHER_DRAW, 'freed memory keeps its tag; two tags are drawn from 14');
    case 'redraw':
      return exactly(OTHER_DRAW, 'freed memory gets a new tag; two tags are drawn from 14');
  }
}

function genericTheory(met: Met): Theory {
  switch (met) {
    case 'own':
    case 'other owner':
      return exactly(0, 'the bytes are accessible, whoever owns them');
    case 'poison':
    case 'freed':
    case 'freed neighbour':
      return exactly(1, 'the bytes are poisoned');
    case 'anything':
      return { low: 0, high: 1, reason: 'accessible or not, as it happens' };
    case 'not mapped':
      return exactly(1, 'nothing is mapped there: the MMU faults');
  }
}

/** What the rules give for a pointer that is passed to a free function: the tag is compared by software. */
export function freeTheory(facts: Facts, bug: 'double' | 'invalid'): Theory {
  const { build, subject, tagged } = facts;
  if (bug === 'invalid') return exactly(1, 'the pointer is not the beginning of its memory');
  if (build === 'generic') {
    return subject.typesafeByRcu === true
      ? exactly(1, 'the object waits for its grace period')
      : exactly(1, 'the bytes are poisoned');
  }
  if (subject.route === 'match-all' || !tagged) return exactly(0, 'a match-all pointer passes every check');
  if (subject.typesafeByRcu === true && build === 'hw-tags') return exactly(0, 'a freed object keeps its tag');
  return build === 'hw-tags'
    ? freedTheory(freedTags(facts), 'freed')
    : exactly(1, 'the memory is poisoned, with a tag that no pointer has');
}
