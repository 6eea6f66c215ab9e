import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateConstant } from './constant-expression.ts';

const NAMES = new Map([['___GFP_IO_BIT', 6]]);
const valueOf = (text: string): number | undefined => evaluateConstant(text, NAMES);

test.each([
  // As 7.3, 5.10 and 6.12 print them.
  ['( unsigned long)(( gfp_t)((((1UL))) << (25)))', 1 << 25],
  ['(unsigned long)((gfp_t)0x20u)', 0x20],
  ['(unsigned long)(((gfp_t)(0x400u|0x800u)) | ((gfp_t)0x40u))', 0xc40],
  ['(( gfp_t)((((1UL))) << (___GFP_IO_BIT)))', 0x40],
  ['(0xcc0 | 0x100) & ~(( gfp_t)(0x400|0x800))', 0x1c0],
  ['1 << 2 + 1', 8],
  ['2 * 3 | 8 ^ 1', 15],
  ['-1', 0xffffffff],
  ['!0 + !5', 1],
])('%s', (text, value) => {
  expect(valueOf(text)).toBe(value);
});

test.each(['', '(', ')', '1 +', '1 2', '___GFP_NEW_BIT', '1 ? 2 : 3', '(unsigned long)', 'sizeof(x)', '"a"'])(
  '%j is no constant',
  (text) => {
    expect(valueOf(text)).toBeUndefined();
  },
);

test('agrees with the same expression in JavaScript, whose operators bind alike', () => {
  const expression = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.nat(0xffff).map(String),
      fc.tuple(tie('any'), fc.constantFrom('|', '&', '^', '+', '-'), tie('any')).map((parts) => parts.join(' ')),
      tie('any').map((inner) => `(${String(inner)})`),
      tie('any').map((inner) => `~(${String(inner)})`),
      // C leaves open what a shift by 32 and more gives.
      fc.tuple(tie('any'), fc.nat(31)).map(([left, by]) => `(${String(left)} << ${by})`),
    ),
  })).any;
  fc.assert(
    fc.property(expression.map(String), (text) => {
      // oxlint-disable-next-line no-new-func
      const expected: unknown = new Function(`return (${text}) >>> 0`)();
      expect(valueOf(text)).toBe(expected);
    }),
  );
});

test('what nests deeper than the stack reaches, or never ends, is refused', () => {
  expect(valueOf('('.repeat(100_000))).toBeUndefined();
  expect(valueOf('('.repeat(1000) + '1' + ')'.repeat(1000))).toBeUndefined();
  expect(valueOf('~'.repeat(3000) + '1')).toBeUndefined();
  expect(valueOf('1|'.repeat(100_000) + '1')).toBeUndefined();
});
