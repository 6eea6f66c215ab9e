import { describe, expect, test } from 'vitest';
import { Random } from '../base/random.ts';
import { AddressSpace, NOT_MAPPED, VMALLOC_START } from './address-space.ts';
import { CALLS_COLUMN, CELL_COLUMNS, CountingMachine } from './counting-machine.ts';
import { cpuProfile } from './cpu.ts';
import { FullMachine } from './full-machine.ts';
import { addressOf, offsetBy, pointer, resetTag, tagOf, withTag } from './pointer.ts';
import { TagMemory } from './tag-memory.ts';

const RAM = 1 << 20;
const CPU = cpuProfile('cortex-a710');

function machineWith(seed = 1) {
  const space = new AddressSpace(RAM, 4096);
  const machine = new FullMachine(new CountingMachine(CPU), new TagMemory(RAM), space, new Random(seed));
  machine.counter.charge(0);
  return { machine, space };
}

describe('pointers', () => {
  test('keep tag and address apart, up to the end of the address space', () => {
    for (const address of [0, 16, RAM, VMALLOC_START, 2 ** 44 - 1]) {
      for (const tag of [0x00, 0xf0, 0xfd, 0xfe, 0xff]) {
        const p = pointer(tag, address);
        expect([tagOf(p), addressOf(p)]).toEqual([tag, address]);
      }
    }
  });

  test('a step keeps the tag, and a new tag keeps the address', () => {
    const p = pointer(0xf3, 4096);
    expect(addressOf(offsetBy(p, 24))).toBe(4120);
    expect(tagOf(offsetBy(p, -16))).toBe(0xf3);
    expect(withTag(p, 0xf9)).toBe(pointer(0xf9, 4096));
    expect(tagOf(resetTag(p))).toBe(0xff);
  });
});

describe('the machine that owns tag memory', () => {
  test('memory that was never tagged reads f0 (oracle README, point 12)', () => {
    expect(machineWith().machine.memoryTag(4096)).toBe(0xf0);
  });

  test('a range gets the tag, and its neighbours keep theirs', () => {
    const { machine } = machineWith();
    machine.setMemTagRange(4096, 8192, 0xf7, false);
    machine.setMemTagRange(4096 + 32, 16, 0xfe, false);
    const tags = [4096 - 16, 4096, 4096 + 16, 4096 + 32, 4096 + 48, 12288 - 16, 12288];
    expect(tags.map((at) => machine.memoryTag(at))).toEqual([0xf0, 0xf7, 0xf7, 0xfe, 0xf7, 0xf7, 0xf0]);
  });

  test('clearing page tags writes tag 0, clearing pages none (mte.md section 6)', () => {
    const { machine } = machineWith();
    machine.setMemTagRange(0, 8192, 0xf5, false);
    machine.clearPageTags(0, 4096, true);
    machine.clearPages(4096, 4096);
    expect([machine.memoryTag(0), machine.memoryTag(4096)]).toEqual([0xf0, 0xf5]);
  });

  test('IRG gives each of the tags 0 to 13, and none of the excluded 14 and 15 (mte.md, GCR_EL1)', () => {
    const { machine } = machineWith();
    const seen = new Set(Array.from({ length: 1000 }, () => machine.irg()));
    expect([...seen].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, tag) => 0xf0 + tag));
  });

  test('the same seed gives the same tags, another one others', () => {
    const draw = (seed: number) => Array.from({ length: 32 }, () => machineWith(seed).machine.irg());
    expect(draw(5)).toEqual(draw(5));
    const tags = (seed: number) => {
      const { machine } = machineWith(seed);
      return Array.from({ length: 32 }, () => machine.irg());
    };
    expect(tags(5)).not.toEqual(tags(6));
  });

  test('counts what the counting machine counts', () => {
    const { machine } = machineWith();
    const counting = new CountingMachine(CPU);
    counting.charge(0);
    for (const on of [machine, counting]) {
      on.irg();
      on.ldg(32);
      on.setMemTagRange(48, 144, 0xf1, true);
      on.setMemTagRange(4096, 4096, 0xf1, false);
      on.clearPages(0, 4096);
      on.clearPageTags(0, 4096, false);
    }
    for (let column = 0; column < CELL_COLUMNS; column++) {
      expect(machine.counter.value(0, column), `column ${column}`).toBe(counting.value(0, column));
    }
    expect(machine.counter.value(0, CALLS_COLUMN)).toBe(1);
  });
});

describe('the vmalloc range', () => {
  test('a tagged mapping reaches the memory of its pages, wherever they are (vmalloc.md section 3)', () => {
    const { machine, space } = machineWith();
    space.map(VMALLOC_START, 9, true);
    space.map(VMALLOC_START + 4096, 3, true);
    machine.setMemTagRange(VMALLOC_START, 8192, 0xf4, false);
    const pages = [2, 3, 4, 8, 9, 10].map((pfn) => machine.memoryTag(pfn * 4096));
    expect(pages).toEqual([0xf0, 0xf4, 0xf0, 0xf0, 0xf4, 0xf0]);
    expect(machine.memoryTag(VMALLOC_START + 4096 + 16)).toBe(0xf4);
  });

  test('through an untagged mapping LDG reads tag 0 and stores change nothing (mte.md section 2)', () => {
    const { machine, space } = machineWith();
    machine.setMemTagRange(4096, 4096, 0xf8, false);
    space.map(VMALLOC_START, 1, false);
    machine.setMemTagRange(VMALLOC_START, 4096, 0xf2, false);
    expect(machine.memoryTag(VMALLOC_START)).toBe(0xf0);
    expect(machine.memoryTag(4096)).toBe(0xf8);
  });

  test('what is unmapped is mapped no longer', () => {
    const { space } = machineWith();
    space.map(VMALLOC_START + 8 * 4096, 5, true);
    expect(space.translate(VMALLOC_START + 8 * 4096 + 100)).toBe(5 * 4096 + 100);
    space.unmap(VMALLOC_START + 8 * 4096);
    expect(space.translate(VMALLOC_START + 8 * 4096)).toBe(NOT_MAPPED);
    expect(space.translate(RAM)).toBe(NOT_MAPPED);
  });
});
