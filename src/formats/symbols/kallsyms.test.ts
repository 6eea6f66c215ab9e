import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KernelSymbols } from './kallsyms.ts';

const symbols = (text: string): KernelSymbols => new KernelSymbols(new TextEncoder().encode(text));
const halves = (address: bigint): [hi: number, lo: number] => [
  Number(BigInt.asIntN(32, address >> 32n)),
  Number(BigInt.asIntN(32, address)),
];

const TEXT = `ffff800080010000 T _text
ffff800080010000 t $x
ffff800080010000 T _stext
ffff800080012340 t copy_process
ffff800080012f00 T kernel_clone
ffff80007a000100 t ext4_new\t[ext4]
ffff80007a000000 t ext4_init\t[ext4]
`;

describe('the function that an address lies in', () => {
  const table = symbols(TEXT);
  test.each([
    ['its first instruction', 0xffff800080012340n, 'copy_process'],
    ['within it', 0xffff800080012effn, 'copy_process'],
    ['the next one', 0xffff800080012f00n, 'kernel_clone'],
    ['of several at one address the first, as kernel/kallsyms.c:get_symbol_pos', 0xffff800080010008n, '_text'],
    ['of a module, which is listed later and loaded below', 0xffff80007a0000ffn, 'ext4_init'],
    ['of a module, without its name', 0xffff80007a000104n, 'ext4_new'],
    ['below all', 0xffff000000000000n, undefined],
    ['far above all, as BPF programs are', 0xffff800081000000n, undefined],
    ['in the other half of the address space', 0x0000800080012340n, undefined],
  ])('%s', (_, address, name) => {
    expect(table.functionAt(...halves(address))).toBe(name);
  });

  test('and where a symbol is', () => {
    expect(table.addressOf('kernel_clone')).toEqual(halves(0xffff800080012f00n));
    expect(table.addressOf('kernel')).toBeUndefined();
  });
});

test('addresses that are hidden (kptr_restrict) are no symbols', () => {
  expect(symbols('0000000000000000 T _text\n0000000000000000 t copy_process\n').size).toBe(0);
});

test('what is no symbol is left out, wherever it stands', () => {
  const table = symbols('\n\nhello\n12\nffff 1\n10000000000000000 T long\n0010 T\n0020 T a\r\n0030 T b');
  expect(table.size).toBe(2);
  expect([table.functionAt(0, 0x2f), table.functionAt(0, 0x30)]).toEqual(['a', 'b']);
});

test('agrees with a search of all symbols, in any order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 30 }),
      fc.bigInt({ min: 0n, max: 2n ** 21n }),
      fc.nat(),
      (addresses, offset, which) => {
        const table = symbols(addresses.map((address, index) => `${address.toString(16)} T f${index}\n`).join(''));
        const wanted = BigInt.asUintN(64, addresses[which % addresses.length] + offset);
        const below = addresses.filter((address) => address <= wanted);
        const nearest = below.reduce((a, b) => (b > a ? b : a), 0n);
        const expected =
          below.length === 0 || wanted - nearest >= 2n ** 20n ? undefined : `f${addresses.indexOf(nearest)}`;
        expect(table.functionAt(...halves(wanted))).toBe(expected);
      },
    ),
  );
});
