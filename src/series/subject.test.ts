import { describe, expect, it } from 'vitest';
import { parseSubject } from './subject.ts';

/** Forms that lists have: [subject, version, number, total, other words, title]. */
const SUBJECTS: readonly (readonly [
  string,
  number | undefined,
  number | undefined,
  number | undefined,
  string,
  string,
])[] = [
  ['[PATCH] mm: a', undefined, undefined, undefined, '', 'mm: a'],
  ['[PATCHv5 2/2] mm: a', 5, 2, 2, '', 'mm: a'],
  ['[PATCH 00/33 v6] mm: a', 6, 0, 33, '', 'mm: a'],
  ['[v3 PATCH 1/1] mm: a', 3, 1, 1, '', 'mm: a'],
  ['[v2PATCH12/15] mm: a', 2, 12, 15, '', 'mm: a'],
  ['v2PATCH12/15: mm: a', 2, 12, 15, '', 'mm: a'],
  ['PATCH 1/2: mm: a', undefined, 1, 2, '', 'mm: a'],
  ['[RFC PATCH mm-unstable V2 0/3] mm: a', 2, 0, 3, 'RFC mm-unstable', 'mm: a'],
  // patchwork
  ['[v2,1/3] mm: a', 2, 1, 3, '', 'mm: a'],
  // Mercurial
  ['[PATCH 1 of 3] mm: a', undefined, 1, 3, '', 'mm: a'],
  ['[list] [PATCH v2 1/2] mm: a', 2, 1, 2, 'list', 'mm: a'],
  ['[PATCH 1/2] [v2] mm: a', 2, 1, 2, '', 'mm: a'],
  ['[PATCH v2 1/2][RESEND] mm: a', 2, 1, 2, 'RESEND', 'mm: a'],
  ['[PATCH 6.6 001/139] mm: a', undefined, 1, 139, '6.6', 'mm: a'],
  // A title that begins with brackets of its own.
  ['[PATCH] [media] a', undefined, undefined, undefined, '', '[media] a'],
  // No index: a name of chips, and more than there are.
  ['[PATCH] serial: F81504/508/512 support', undefined, undefined, undefined, '', 'serial: F81504/508/512 support'],
  ['[PATCH] mm: take 3/2 of it', undefined, undefined, undefined, '', 'mm: take 3/2 of it'],
];

describe('a subject', () => {
  it.each(SUBJECTS)('%s', (subject, version, number, total, prefixes, title) => {
    expect(parseSubject(subject)).toEqual({
      isReply: false,
      isPatch: true,
      version,
      number,
      total,
      prefixes: prefixes.split(' ').filter((word) => word !== ''),
      title,
    });
  });

  it.each(['Re: [PATCH v2 1/2] a', 'RE: Fwd: [PATCH] a', 'AW: [PATCH] a', 'Re[2]: [PATCH] a'])(
    'of an answer: %s',
    (subject) => {
      expect(parseSubject(subject)).toMatchObject({ isReply: true, isPatch: true, title: 'a' });
    },
  );

  it.each(['mm: fix 1/2 of it', '[GIT PULL] mm for 7.4', 'v2 of my work'])('that is no patch: %s', (subject) => {
    expect(parseSubject(subject).isPatch).toBe(false);
  });
});
