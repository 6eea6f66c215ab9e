import { describe, expect, test } from 'vitest';
import { readLines, line } from '../ftrace-text/reading.testdata.ts';
import { machinePageSize, type MachineFacts } from './machine-page-size.ts';

const area = (address: string, bytes: number): string =>
  line(`alloc_vmap_area: va_start: ${BigInt(address)} size=${bytes} align=1 vstart=0x0 vend=0x0 failed=0`);
const pageSize = (facts: Partial<MachineFacts>, ...areas: readonly string[]): [number, number] => {
  const all = { architecture: 'aarch64', pageSize: 65_536, bufferPage: 65_536, ...facts };
  const { pageSize: size, warnings } = machinePageSize(all, readLines(areas));
  return [size, warnings.length];
};

describe('trace-cmd since 3.2 writes the size of sub-buffers in place of that of pages', () => {
  test('some machines have pages of one size (arch/*/Kconfig)', () => {
    for (const architecture of ['x86_64', 'i686', 's390x', 'riscv64', 'armv7l'])
      expect(pageSize({ architecture })).toEqual([4096, 0]);
  });

  test('a page that is not as large as a sub-buffer is one', () => {
    expect(pageSize({ pageSize: 16_384 })).toEqual([16_384, 0]);
    expect(pageSize({ pageSize: 4096, bufferPage: 4096 })).toEqual([4096, 0]);
  });

  test('areas of vmalloc begin and end with pages', () => {
    expect(pageSize({}, area('0xffff800080010000', 0x20000))).toEqual([65_536, 0]);
    expect(pageSize({}, area('0xffff800080010000', 0x5000))).toEqual([4096, 0]);
    expect(pageSize({}, area('0xffff800080014000', 0x8000))).toEqual([16_384, 0]);
  });

  test('without areas it is believed where pages may be so large, and told', () => {
    expect(pageSize({})).toEqual([65_536, 1]);
    expect(pageSize({ pageSize: 8192, bufferPage: 8192 })).toEqual([4096, 0]);
    expect(pageSize({ pageSize: 131_072, bufferPage: 131_072 })).toEqual([0, 1]);
  });
});
