import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../base/random.ts';
import { VMALLOC_START } from '../mte/address-space.ts';
import { pointer } from '../mte/pointer.ts';
import { kasanObjectBytes } from './object-layout.ts';
import { modeRules } from './mode-rules.ts';
import { HW_TAGS_REPORTS } from './report/report-rules.ts';
import { KasanReporter } from './report/reporter.ts';
import { ShadowMachine } from './shadow-machine.ts';
import { SoftwareCheck } from './software-check.ts';

const RAM = 1 << 16;
const GENERIC = modeRules({ build: 'generic' });
const SW_TAGS = modeRules({ build: 'sw-tags' });

function shadowOf(rules: typeof GENERIC, seed = 1) {
  const written: number[] = [];
  const machine = new ShadowMachine(rules, RAM, new Random(seed), {
    countShadow: (bytes) => written.push(bytes),
    clearPages: () => {},
  });
  return { machine, written };
}

describe('shadow memory (modes.md sections 2 and 5)', () => {
  test('before anything is freed, generic memory is accessible and that of SW_TAGS is not; vmalloc is neither', () => {
    const [generic, tags] = [shadowOf(GENERIC).machine, shadowOf(SW_TAGS).machine];
    expect([generic.shadow(0), generic.shadow(VMALLOC_START)]).toEqual([0, 0xf8]);
    expect([tags.shadow(0), tags.shadow(VMALLOC_START)]).toEqual([0xfe, 0xfe]);
  });

  test.each([
    ['generic', GENERIC, 4096, 512],
    ['SW_TAGS', SW_TAGS, 4096, 256],
  ])('%s: a page of 4 KiB costs so many bytes', (_name, rules, size, bytes) => {
    const { machine, written } = shadowOf(rules);
    machine.setMemTagRange(4096, size, 0, false);
    expect(written).toEqual([bytes]);
  });

  test('generic: the last granule tells how many of its bytes are accessible', () => {
    const { machine } = shadowOf(GENERIC);
    machine.setMemTagRange(64, 64, 0xfc, false);
    machine.setMemTagRange(64, 13, 0, false);
    expect([64, 72, 80].map((at) => machine.shadow(at))).toEqual([0, 5, 0xfc]);
  });

  test('what vmalloc maps has marks of its own, and grows', () => {
    const { machine } = shadowOf(SW_TAGS);
    machine.setMemTagRange(VMALLOC_START + (1 << 20), 32, 0x42, false);
    expect(machine.shadow(VMALLOC_START + (1 << 20) + 16)).toBe(0x42);
    expect(machine.shadow(VMALLOC_START + (1 << 20) + 32)).toBe(0xfe);
    expect(machine.shadow(VMALLOC_START)).toBe(0xfe);
  });
});

describe('random tags of SW_TAGS (mm/kasan/sw_tags.c; modes.md section 4)', () => {
  test('are 0x00 to 0xFD, all of them', () => {
    const { machine } = shadowOf(SW_TAGS);
    const seen = new Set(Array.from({ length: 20_000 }, () => machine.irg()));
    expect([Math.min(...seen), Math.max(...seen), seen.size]).toEqual([0, 0xfd, 254]);
  });

  test('alternate between even and odd: two draws in a row are never equal', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { machine } = shadowOf(SW_TAGS, seed);
        const drawn = Array.from({ length: 50 }, () => machine.irg());
        for (let n = 1; n < drawn.length; n++) expect((drawn[n] + drawn[n - 1]) % 2).toBe(1);
      }),
    );
  });

  test('generic KASAN has none', () => {
    expect(shadowOf(GENERIC).machine.irg()).toBe(0xff);
  });
});

/** Whether a check finds an access wrong. */
function isReported(
  rules: typeof GENERIC,
  machine: ShadowMachine,
  tag: number,
  address: number,
  size: number,
): boolean {
  let reported = false;
  const reporter = new KasanReporter({
    rules: HW_TAGS_REPORTS,
    info: {
      hasMetadata: () => false,
      metadata: () => 0,
      objectAt: () => undefined,
      areaAt: () => undefined,
      pageAt: () => undefined,
    },
    ring: () => undefined,
    fault: 'report',
    multiShot: true,
    running: () => ({ cpu: 0, pid: 1, comm: 'x', frames: [] }),
    release: '',
    hardware: '',
    test: false,
    emit: () => (reported = true),
  });
  new SoftwareCheck(rules, machine, reporter).access({
    pointer: pointer(tag, address),
    size,
    kind: 'read',
    symbol: 'f',
  });
  return reported;
}

describe('checks (modes.md section 4)', () => {
  test('generic: an access is wrong if, and only if, one of its bytes is behind the end or before the beginning', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: -20, max: 80 }),
        fc.integer({ min: 1, max: 40 }),
        (size, offset, bytes) => {
          const { machine } = shadowOf(GENERIC);
          machine.setMemTagRange(960, 256, 0xfc, false);
          machine.setMemTagRange(1024, size, 0, false);
          const isRight = offset >= 0 && offset + bytes <= size;
          expect(isReported(GENERIC, machine, 0xff, 1024 + offset, bytes)).toBe(!isRight);
        },
      ),
    );
  });

  test('SW_TAGS: each granule must have the tag of the pointer, and 0xFF matches all', () => {
    const { machine } = shadowOf(SW_TAGS);
    machine.setMemTagRange(1024, 32, 0x42, false);
    expect(isReported(SW_TAGS, machine, 0x42, 1024, 32)).toBe(false);
    expect(isReported(SW_TAGS, machine, 0x42, 1024, 33)).toBe(true);
    expect(isReported(SW_TAGS, machine, 0x43, 1024, 1)).toBe(true);
    expect(isReported(SW_TAGS, machine, 0xff, 1024, 64)).toBe(false);
  });

  test('a negative size is wrong, a size of 0 is not', () => {
    const { machine } = shadowOf(GENERIC);
    expect(isReported(GENERIC, machine, 0xff, 1024, -2)).toBe(true);
    expect(isReported(GENERIC, machine, 0xff, 1024, 0)).toBe(false);
  });
});

describe('room for metadata in generic KASAN (modes.md section 6)', () => {
  const bytes = (objectSize: number, typesafeByRcu = false) =>
    kasanObjectBytes(GENERIC, { objectSize, ctor: false, typesafeByRcu });

  test.each([
    // Both stacks need 16 bytes each; that of the free lies in the object where it fits.
    [8, 8 + 8 + 16],
    [16, 32],
    [48, 64],
    [64, 96],
    [128, 192],
    [448, 512],
    [512, 640],
    [4096, 4352],
  ])('an object of %i takes %i', (objectSize, room) => {
    expect(bytes(objectSize)).toBe(room);
  });

  test('the stack of the free is outside where the object must stay readable', () => {
    expect(bytes(200, true)).toBe(Math.max(200 + 32, 200 + 64));
    expect(bytes(16, true)).toBe(16 + 32);
  });

  test('the tag-based builds add nothing', () => {
    for (const rules of [SW_TAGS, modeRules({ build: 'hw-tags' })])
      expect(kasanObjectBytes(rules, { objectSize: 200, ctor: false, typesafeByRcu: false })).toBe(200);
  });
});
