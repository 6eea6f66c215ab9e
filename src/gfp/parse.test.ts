import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gfpContext } from './context.ts';
import {
  GFP_ACCOUNT,
  GFP_ATOMIC_BIT,
  GFP_COMP,
  GFP_FS,
  GFP_IO,
  GFP_KSWAPD_RECLAIM,
  GFP_NO_OBJ_EXT,
  GFP_NOLOCKDEP,
  GFP_NOWARN,
  GFP_RECLAIM,
  GFP_SKIP_KASAN,
  GFP_SKIP_KASAN_POISON,
  GFP_ZERO,
  gfpUnion,
} from './flags.ts';
import { MAX_UNKNOWN_NAMES, MAX_UNKNOWN_NAME_LENGTH, decodeGfpNumber, parseGfpNames } from './parse.ts';

const PLAIN = { hwTags: false, lockdep: false, slabObjExt: false };
const HW_73 = gfpContext({ major: 7, minor: 3 }, { ...PLAIN, hwTags: true });
const PLAIN_73 = gfpContext({ major: 7, minor: 3 }, PLAIN);
const KERNEL = gfpUnion(GFP_RECLAIM, GFP_IO, GFP_FS);
const known = (flags: number): object => ({ flags, unknownNames: [], unknownBits: 0 });

test('names of composites and single flags', () => {
  expect(parseGfpNames('GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP', HW_73)).toEqual(
    known(KERNEL | GFP_ACCOUNT | GFP_ZERO | GFP_COMP),
  );
});

test.each(['none', '(null)', '0', '0x0', '', ' ', '|'])('%o is no flag', (text) => {
  expect(parseGfpNames(text, HW_73)).toEqual(known(0));
});

test.each(['0x2dc0', '11712', '0x0000000000002dc0', '0X2DC0'])('%s is a number', (text) => {
  expect(parseGfpNames(text, HW_73)).toEqual(known(KERNEL | GFP_ZERO | GFP_NOWARN));
});

test('a hex remainder is in the numbering of the recording kernel', () => {
  const text = 'GFP_NOWAIT|0x1000000';
  const nowait = GFP_KSWAPD_RECLAIM | GFP_NOWARN;
  expect(parseGfpNames(text, gfpContext({ major: 6, minor: 12 }, { ...PLAIN, lockdep: true }))).toEqual(
    known(nowait | GFP_NOLOCKDEP),
  );
  expect(parseGfpNames(text, gfpContext({ major: 6, minor: 12 }, { ...PLAIN, slabObjExt: true }))).toEqual(
    known(nowait | GFP_NO_OBJ_EXT),
  );
  expect(parseGfpNames(text, PLAIN_73)).toEqual({ flags: nowait, unknownNames: [], unknownBits: 0x1000000 });
});

test('a composite means what it means in the recording kernel', () => {
  const old = gfpContext({ major: 6, minor: 1 }, PLAIN);
  expect(parseGfpNames('GFP_NOWAIT', old).flags).toBe(GFP_KSWAPD_RECLAIM);
  expect(parseGfpNames('GFP_NOWAIT', PLAIN_73).flags).toBe(GFP_KSWAPD_RECLAIM | GFP_NOWARN);
  expect(parseGfpNames('GFP_ATOMIC', old).flags & GFP_ATOMIC_BIT).toBe(GFP_ATOMIC_BIT);
});

test('the names of flags of other versions are understood', () => {
  const text =
    '__GFP_ATOMIC|__GFP_SKIP_KASAN_UNPOISON|__GFP_SKIP_KASAN_POISON|__GFP_NOLOCKDEP|__GFP_NO_OBJ_EXT|__GFP_RECLAIM';
  expect(parseGfpNames(text, PLAIN_73)).toEqual(
    known(GFP_ATOMIC_BIT | GFP_SKIP_KASAN | GFP_SKIP_KASAN_POISON | GFP_NOLOCKDEP | GFP_NO_OBJ_EXT | GFP_RECLAIM),
  );
});

test('the name of a flag that Android adds is understood; where its bit is, is not known', () => {
  expect(parseGfpNames('GFP_HIGHUSER_MOVABLE|__GFP_CMA', PLAIN_73)).toMatchObject({ unknownNames: [], unknownBits: 0 });
});

test.each([
  '__GFP_REPEAT',
  'GFP_TEMPORARY',
  '__GFP_OTHER_NODE',
  'gfp_kernel',
  '0x1ffffffff',
  '4294967296',
  '-1',
  'cc0',
])('%s is reported as unknown', (text) => {
  expect(parseGfpNames(`__GFP_ZERO|${text}`, HW_73)).toEqual({
    flags: GFP_ZERO,
    unknownNames: [text],
    unknownBits: 0,
  });
});

test('unknown names are distinct and bounded', () => {
  const many = Array.from({ length: 100 }, (_, i) => `${'X'.repeat(40)}${i}${'Y'.repeat(200)}`);
  const { unknownNames } = parseGfpNames([...many, ...many].join('|'), HW_73);
  expect(unknownNames.length).toBe(MAX_UNKNOWN_NAMES);
  expect(unknownNames.every((name) => name.length === MAX_UNKNOWN_NAME_LENGTH)).toBe(true);
  expect(parseGfpNames('A|A|A', HW_73).unknownNames).toEqual(['A']);
});

test('the highest bit is unsigned', () => {
  expect(decodeGfpNumber(0x8000_0001, HW_73.numbering)).toEqual({ flags: 1, unknownNames: [], unknownBits: 2 ** 31 });
});

test.each([Number.NaN, -1, 0.5, 2 ** 32, Number.POSITIVE_INFINITY])('%d is not a mask', (value) => {
  expect(decodeGfpNumber(value, HW_73.numbering)).toEqual({ flags: 0, unknownNames: [String(value)], unknownBits: 0 });
});

test('no text and no number throws', () => {
  const word = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('GFP_KERNEL', '0x', '0x1000000', '|', 'none', '__proto__', 'constructor'),
  );
  const text = fc.array(word, { maxLength: 80 }).map((words) => words.join('|'));
  fc.assert(
    fc.property(text, (input) => {
      const { flags, unknownNames, unknownBits } = parseGfpNames(input, HW_73);
      expect(flags).toBeGreaterThanOrEqual(0);
      expect(unknownNames.length).toBeLessThanOrEqual(MAX_UNKNOWN_NAMES);
      expect(unknownNames.every((name) => name.length <= MAX_UNKNOWN_NAME_LENGTH)).toBe(true);
      expect(unknownBits >>> 0).toBe(unknownBits);
    }),
  );
  fc.assert(fc.property(fc.double(), (value) => void decodeGfpNumber(value, HW_73.numbering)));
});

test('a damaged file: a line of millions of characters is read in one pass', () => {
  // Quadratic work would be 10^13 steps, hours of them.
  const long = 4_000_000;
  expect(parseGfpNames('|'.repeat(long), HW_73)).toEqual({ flags: 0, unknownNames: [], unknownBits: 0 });
  expect(parseGfpNames(`0x${'0'.repeat(long)}g`, HW_73).unknownNames).toEqual([
    `0x${'0'.repeat(MAX_UNKNOWN_NAME_LENGTH - 2)}`,
  ]);
  expect(parseGfpNames('x'.repeat(long), HW_73).unknownNames).toEqual(['x'.repeat(MAX_UNKNOWN_NAME_LENGTH)]);
});
