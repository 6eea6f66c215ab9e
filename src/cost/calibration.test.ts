import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import { parseCalibration } from './calibration.ts';
import { CostModel } from './cost-model.ts';
import { measuredProfile } from './measured.ts';
import { profileDoubts } from './profiles.ts';
import { ledgerOf, type TagWork } from './tag-work.testdata.ts';

const REAL = readFileSync(new URL('../../cases/calibration/qemu-user.json', import.meta.url), 'utf8');

/** A machine with round figures: low, best and high are 1, 2 and 3 times these nanoseconds. */
const HOT = { stg: 1, stzg: 2, st2g: 1, stz2g: 2, dcGva: 3, dcGzva: 5, dcZva: 4, ldg: 0.5, irg: 0.25 };
const COLD = { stg: 4, stzg: 5, dcGva: 23, dcGzva: 37, dcZva: 24 };
const figure = (state: 'hot' | 'cold') => (entry: readonly [string, number]) => ({
  instruction: entry[0],
  state,
  low: entry[1],
  best: 2 * entry[1],
  high: 3 * entry[1],
});
const MACHINE = {
  schema: 'tagscope.calibration',
  version: 1,
  machine: {
    midr: '0x410fd4d0',
    core: 4,
    kernel: '6.12',
    dcBlock: 64,
    dzp: false,
    hotBytes: 16384,
    coldBytes: 2 ** 28,
  },
  unit: 'ns for each instruction',
  figures: [...Object.entries(HOT).map(figure('hot')), ...Object.entries(COLD).map(figure('cold'))],
};
const parse = (value: unknown) => parseCalibration(JSON.stringify(value), 'machine.json');

/** The real file with some characters changed. */
const damaged = fc
  .array(fc.tuple(fc.nat(REAL.length - 1), fc.constantFrom('', '-', '9', '"', '}', 'e', ' ')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => changes.reduce((text, [at, by]) => text.slice(0, at) + by + text.slice(at + 1), REAL));

describe('a calibration file', () => {
  test('the program writes what is read', () => {
    const { machine, figures } = parseCalibration(REAL, 'qemu-user.json');
    // QEMU in user mode: DCZID_EL0.BS is 7 for -cpu max.
    expect(machine.dcBlock).toBe(512);
    expect(figures.map(({ instruction, state }) => `${instruction} ${state}`)).toContain('dcGva cold');
  });

  test.each<readonly [what: string, value: unknown, message: RegExp]>([
    ['text that is no object', 'x', /calibration machine\.json/],
    ['another schema', { ...MACHINE, schema: 'tagscope.report' }, /schema/],
    ['a version to come', { ...MACHINE, version: 2 }, /version 1/],
    ['an unknown instruction', { ...MACHINE, figures: [figure('hot')(['nop', 1])] }, /figures\[0\]\.instruction/],
    ['a negative figure', { ...MACHINE, figures: [figure('hot')(['stg', -1])] }, /not negative/],
    ['bounds out of order', { ...MACHINE, figures: [{ ...MACHINE.figures[0], low: 9 }] }, /in order/],
    ['a DC block that there is not', { ...MACHINE, machine: { ...MACHINE.machine, dcBlock: 48 } }, /power of two/],
    ['a core that is none', { ...MACHINE, machine: { ...MACHINE.machine, core: -1.5 } }, /machine\.core/],
    ['a buffer without end', { ...MACHINE, machine: { ...MACHINE.machine, hotBytes: 2 ** 60 } }, /a whole number/],
    ['a figure of more than a minute', { ...MACHINE, figures: [figure('hot')(['stg', 1e12])] }, /less than a minute/],
    [
      'a figure that is there twice',
      { ...MACHINE, figures: [...MACHINE.figures, MACHINE.figures[0]] },
      /stg, hot twice/,
    ],
    ['a key that is none', { ...MACHINE, units: 'ns' }, /units/],
    ['figures that lack what is needed', { ...MACHINE, figures: MACHINE.figures.slice(1) }, /nothing for stg, hot/],
  ])('%s is refused, with the place', (_what, value, message) => {
    expect(() => parse(value)).toThrow(InputError);
    expect(() => parse(value)).toThrow(message);
  });

  test('text that is not JSON is refused', () => {
    expect(() => parseCalibration('{', 'machine.json')).toThrow(
      'calibration machine.json, line 1, column 2: found the end of the file; expected a key',
    );
  });
});

test('whatever is in the file, it is a calibration or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.jsonValue().map((value) => JSON.stringify(value)),
        damaged,
      ),
      (text) => {
        try {
          const { figures } = parseCalibration(text, 'x');
          for (const { low, best, high } of figures) expect(low <= best && best <= high).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      },
    ),
  );
});

describe('measured, by hand', () => {
  const cpu = cpuProfile('cortex-a710');
  const model = new CostModel(measuredProfile(parse(MACHINE), 'machine.json').readings(cpu), cpu);

  /**
   * Nanoseconds of each instruction by each reading. What zeroing stores replace is taken off at its other bound: of STZG a
   * quarter of a DC ZVA, of DC GZVA a whole one. At least 2 − 12/4 and 5 − 12, which is nothing; at best 4 − 8/4 and 10 − 8;
   * at most 6 − 4/4 and 15 − 4.
   */
  const LEAST = { irg: 0.25, ldg: 0.5, stg: 1, gva: 3, stzg: 0, gzva: 0 };
  const BEST = { irg: 0.5, ldg: 1, stg: 2, gva: 6, stzg: 2, gzva: 2 };
  const MOST = { irg: 0.75, ldg: 1.5, stg: 3, gva: 9, stzg: 5, gzva: 11 };
  /**
   * Nanoseconds of a line that waits: at best 46 − 6 with tags alone, half of the pages; at most 69 − 3, everything. Of one
   * that is zeroed: at best (74 − 10) − (48 − 8), at most (111 − 5) − (24 − 12).
   */
  const LINE = { best: 40 / 2, most: 66, zeroedBest: 24 / 2, zeroedMost: 94 };

  type Counts = Partial<typeof LEAST>;
  const CASES: readonly (readonly [
    TagWork,
    Counts,
    lines: { pages?: number; objects?: number; zeroedPages?: number },
  ])[] = [
    ['object of 16 bytes, freed', { ldg: 1, stg: 1 }, { objects: 1 }],
    ['object of 64 bytes, freed', { ldg: 1, stg: 4 }, { objects: 1 }],
    ['object of 128 bytes, freed', { ldg: 1, stg: 4, gva: 1 }, { objects: 2 }],
    ['object of 96 bytes, allocated', { irg: 1, stg: 6 }, { objects: 2 }],
    ['object of 1 KiB, allocated', { irg: 1, stg: 4, gva: 15 }, { objects: 16 }],
    ['object of 192 bytes, allocated and zeroed', { irg: 1, stzg: 4, gzva: 2 }, { zeroedPages: 3 }],
    ['page, allocated', { irg: 1, stg: 4, gva: 63 }, { pages: 64 }],
    ['page, allocated and zeroed', { irg: 1, stzg: 4, gzva: 63 }, { zeroedPages: 64 }],
    ['page, freed', { stg: 4, gva: 63 }, { pages: 64 }],
    ['slab of one page, made', { irg: 1, stg: 8, gva: 126 }, { pages: 64 }],
    ['stack of 16 KiB, used again', { stg: 4, gva: 255 }, { pages: 256 }],
    ['stack of 16 KiB, new', { irg: 1, stzg: 4, gzva: 255 }, { zeroedPages: 256 }],
  ];

  test.each(CASES)('%s', (work, counts, { pages = 0, objects = 0, zeroedPages = 0 }) => {
    const issued = ({ irg, ldg, stg, gva, stzg, gzva }: typeof LEAST): number =>
      irg * (counts.irg ?? 0) +
      ldg * (counts.ldg ?? 0) +
      stg * (counts.stg ?? 0) +
      gva * (counts.gva ?? 0) +
      stzg * (counts.stzg ?? 0) +
      gzva * (counts.gzva ?? 0);
    const { low, best, high } = model.time(ledgerOf([work]), [0]);
    expect(low).toBeCloseTo(issued(LEAST), 9);
    expect(best).toBeCloseTo(issued(BEST) + LINE.best * pages + LINE.zeroedBest * zeroedPages, 9);
    expect(high).toBeCloseTo(issued(MOST) + LINE.most * (pages + objects) + LINE.zeroedMost * zeroedPages, 9);
  });

  test('used for another DC block it says so; for its own it does not', () => {
    const profile = measuredProfile(parse(MACHINE), 'machine.json');
    expect(profileDoubts(profile, cpu)).toEqual([]);
    expect(profileDoubts(profile, withDcBlock(cpu, '512'))).toEqual([expect.stringContaining('--dc-block 64')]);
  });

  test('where DC GVA is prohibited granule stores do everything', () => {
    const dzp = parse({
      ...MACHINE,
      machine: { ...MACHINE.machine, dzp: true },
      figures: MACHINE.figures.filter(({ instruction }) => !instruction.startsWith('dc')),
    });
    const dzpCpu = { ...cpu, dzp: true };
    const { low } = new CostModel(measuredProfile(dzp, 'x').readings(dzpCpu), dzpCpu).time(
      ledgerOf(['page, freed'], dzpCpu),
      [0],
    );
    expect(low).toBeCloseTo(256 * 1, 9);
  });
});
