import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gfpContext } from '../../gfp/context.ts';
import { formatGfp } from '../../gfp/format.ts';
import { decodeGfpNumber } from '../../gfp/parse.ts';
import type { EventFormat } from './event-format.ts';
import { formatIn } from './formats.testdata.ts';
import { GfpNames } from './gfp-names.ts';

const folder = new URL('../../../cases/tracepoint/', import.meta.url);
const realFormat = (file: string, event: string): EventFormat =>
  formatIn(readFileSync(new URL(file, folder), 'utf8'), event);
const namesOf = (file: string): GfpNames => new GfpNames(realFormat(file, 'mm_page_alloc').printFormat);

describe('masks of traces and what the same kernels print for them', () => {
  // traces/ of cases/oracle and cases/ftrace-text: text of the same kernels.
  test.each([
    ['arm64-7.3.formats', 0x400cc0, 'GFP_KERNEL_ACCOUNT'],
    ['arm64-7.3.formats', 0x2440dc0, 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP|__GFP_SKIP_KASAN'],
    ['arm64-7.3.formats', 0, 'none'],
    ['x86-6.18.formats', 0x140dca, 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP'],
    ['x86-6.18.formats', 0x1000cc0, 'GFP_KERNEL|__GFP_NO_OBJ_EXT'],
    ['x86-6.18.formats', 0x80000cc0, 'GFP_KERNEL|0x80000000'],
  ])('%s 0x%x', (file, mask, text) => {
    expect(namesOf(file).print(mask)).toBe(text);
  });
});

test.each([
  ['arm64-7.3.formats', { major: 7, minor: 3 }, { hwTags: true, lockdep: false, slabObjExt: false }],
  ['x86-6.18.formats', { major: 6, minor: 18 }, { hwTags: false, lockdep: false, slabObjExt: true }],
] as const)('%s: agrees with the numbering that is known of that version', (file, version, config) => {
  const context = gfpContext(version, config);
  const names = namesOf(file);
  for (let bit = 0; bit < 24; bit++) {
    for (const others of [0, 0xcc0, 0x400cc0, 0x140cca]) {
      const mask = (others | (1 << bit)) >>> 0;
      const { flags, unknownBits } = decodeGfpNumber(mask, context.numbering);
      expect(names.print(mask)).toBe(formatGfp(flags, context, unknownBits));
    }
  }
});

test('6.10 to 6.15 leave the names of an enumeration in the format', () => {
  // The format of 6.18, with the names that those versions print (include/linux/gfp_types.h) in place of the numbers.
  const enumeration = ['DMA', 'HIGHMEM', 'DMA32', 'MOVABLE', 'RECLAIMABLE', 'HIGH', 'IO', 'FS', 'ZERO', 'UNUSED'];
  enumeration.push('DIRECT_RECLAIM', 'KSWAPD_RECLAIM', 'WRITE', 'NOWARN', 'RETRY_MAYFAIL', 'NOFAIL', 'NORETRY');
  enumeration.push('MEMALLOC', 'COMP', 'NOMEMALLOC', 'HARDWALL', 'THISNODE', 'ACCOUNT', 'ZEROTAGS', 'VENDOR');
  const { printFormat } = realFormat('x86-6.18.formats', 'mm_page_alloc');
  const unresolved = printFormat.replace(
    /<< \((\d+)\)/g,
    (_, bit: string) => `<< (___GFP_${enumeration[Number(bit)]}_BIT)`,
  );
  expect(unresolved).toContain('___GFP_ZEROTAGS_BIT');
  const names = new GfpNames(unresolved);
  for (const mask of [0xcc0, 0x140dca, 0x400dc0, 0x92820, 0x8000cc0, 0x800000]) {
    expect(names.print(mask)).toBe(namesOf('x86-6.18.formats').print(mask));
  }
  // A name that is not known stays a number.
  expect(names.print(0x1000cc0)).toBe('GFP_KERNEL|0x1000000');
});

test('without a table a number: src/gfp knows what it means for the kernel that is given', () => {
  expect(new GfpNames('"order=%d", REC->order').print(0xcc0)).toBe('0xcc0');
});
