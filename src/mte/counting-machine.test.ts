import { describe, expect, test } from 'vitest';
import { CALLS_COLUMN, CountingMachine, GRANULES_COLUMN } from './counting-machine.ts';
import { cpuProfile, withDcBlock, type CpuProfile } from './cpu.ts';
import { INSTRUCTION_KINDS, TAG_SETTING_KINDS, tagSetting, type InstructionCounts } from './instruction.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL } from './tag-machine.ts';

const A710 = cpuProfile('cortex-a710');

/** What a cell holds, without zeros. */
function cell(machine: CountingMachine, index: number): Record<string, number> {
  const all = [...INSTRUCTION_KINDS.map((kind, column) => [kind, machine.value(index, column)] as const)];
  const counts = [
    ...all,
    ['granules', machine.value(index, GRANULES_COLUMN)] as const,
    ['calls', machine.value(index, CALLS_COLUMN)] as const,
  ];
  return Object.fromEntries(counts.filter(([, value]) => value !== 0));
}

function executed(cpu: CpuProfile, run: (machine: CountingMachine) => void): Record<string, number> {
  const machine = new CountingMachine(cpu);
  machine.charge(0);
  run(machine);
  const { calls, ...rest } = cell(machine, 0);
  expect(calls).toBe(1);
  return rest;
}

describe('one order-0 page of 4 KiB', () => {
  test('tagged: STG and DC GVA; tagged and zeroed: STZG and DC GZVA, one for one (mte.md section 5)', () => {
    expect(executed(A710, (machine) => machine.setMemTagRange(0, 4096, 0xf3, false))).toEqual({
      stg: 4,
      dcGva: 63,
      granules: 256,
    });
    expect(executed(A710, (machine) => machine.setMemTagRange(0, 4096, 0xf3, true))).toEqual({
      stzg: 4,
      dcGzva: 63,
      granules: 256,
    });
  });

  test('zeroed without tags: 4096/B DC ZVA and no granule (page_alloc.md section 6c)', () => {
    expect(executed(A710, (machine) => machine.clearPages(0, 4096))).toEqual({ dcZva: 64 });
    expect(executed(withDcBlock(A710, '512'), (machine) => machine.clearPages(0, 4096))).toEqual({ dcZva: 8 });
  });

  test('zeroed without DC ZVA: with DZP (STNP) and with FEAT_MOPS (SETP, SETM, SETE)', () => {
    expect(executed(withDcBlock(A710, 'dzp'), (machine) => machine.clearPages(0, 4096))).toEqual({});
    expect(executed(cpuProfile('max'), (machine) => machine.clearPages(0, 4096))).toEqual({});
  });

  test('tags cleared, data kept: one STGM for 256 bytes (mte.md section 6, mte_clear_page_tags)', () => {
    expect(executed(A710, (machine) => machine.clearPageTags(0, 4096, false))).toEqual({ stgm: 16, granules: 256 });
  });

  test('tags and data cleared: DC GZVA, or STZ2G with DZP (mte.md section 6, mte_zero_clear_page_tags)', () => {
    expect(executed(A710, (machine) => machine.clearPageTags(0, 4096, true))).toEqual({ dcGzva: 64, granules: 256 });
    expect(executed(withDcBlock(A710, '512'), (machine) => machine.clearPageTags(0, 4096, true))).toEqual({
      dcGzva: 8,
      granules: 256,
    });
    expect(executed(withDcBlock(A710, 'dzp'), (machine) => machine.clearPageTags(0, 4096, true))).toEqual({
      stz2g: 128,
      granules: 256,
    });
  });

  test('a random tag is one IRG, a tag looked up one LDG', () => {
    expect(executed(A710, (machine) => void [machine.irg(), machine.ldg(0), machine.ldg(16)])).toEqual({
      irg: 1,
      ldg: 2,
    });
  });
});

test('work goes to the cell that was charged last, and each charge is a call', () => {
  const machine = new CountingMachine(A710);
  machine.charge(3);
  machine.irg();
  // Far beyond what the machine begins with: earlier cells keep their figures when it grows.
  machine.charge(5000);
  machine.setMemTagRange(0, 32, KASAN_TAG_INVALID, false);
  machine.charge(3);
  machine.irg();
  expect(cell(machine, 3)).toEqual({ irg: 2, calls: 2 });
  expect(cell(machine, 5000)).toEqual({ stg: 2, granules: 2, calls: 1 });
  expect(cell(machine, 4)).toEqual({});
  expect(cell(machine, 9999)).toEqual({});
});

test('what sets tags: the stores, not IRG, LDG, LDGM and DC ZVA (DESIGN.md section 3)', () => {
  const one: InstructionCounts = {
    irg: 1,
    ldg: 10,
    ldgm: 100,
    stg: 1e3,
    stzg: 1e4,
    st2g: 1e5,
    stz2g: 1e6,
    stgm: 1e7,
    stzgm: 1e8,
    dcGva: 1e9,
    dcGzva: 1e10,
    dcZva: 1e11,
  };
  expect(tagSetting(one)).toBe(11_111_111_000);
  expect(TAG_SETTING_KINDS).toHaveLength(8);
});

test('tags as the kernel writes them (include/linux/kasan-tags.h): match-all 0xFF, invalid 0xFE', () => {
  expect([KASAN_TAG_KERNEL, KASAN_TAG_INVALID]).toEqual([0xff, 0xfe]);
});
