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
    ['figures that lack what is needed', { ...MACHINE, figures: MACHINE.figures.slice(1) }, /nothing for stg, hot/],
  ])('%s is refused, with the place', (_what, value, message) => {
    expect(() => parse(value)).toThrow(InputError);
    expect(() => parse(value)).toThrow(message);
  });

  test('text that is not JSON is refused', () => {
    expect(() => parseCalibration('{', 'machine.json')).toThrow(/expected JSON/);
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
   * For one unit of the figures. A line of tags alone waits 23 − 3 = 20 beyond its instructions, one that is zeroed (37 − 5)
   * − (24 − 4) = 12 beyond zeroing it; a zeroing store is 2 less a quarter of DC ZVA's 4, DC GZVA 5 less 4.
   */
  const CASES: readonly (readonly [TagWork, hot: number, far: { pages?: number; objects?: number }])[] = [
    ['object of 16 bytes, freed', 0.5 + 1, { objects: 20 }],
    ['object of 64 bytes, freed', 0.5 + 4, { objects: 20 }],
    ['object of 128 bytes, freed', 0.5 + 4 + 3, { objects: 2 * 20 }],
    ['object of 96 bytes, allocated', 0.25 + 6, { objects: 2 * 20 }],
    ['object of 1 KiB, allocated', 0.25 + 4 + 15 * 3, { objects: 16 * 20 }],
    ['object of 192 bytes, allocated and zeroed', 0.25 + 4 * 1 + 2 * 1, { pages: 3 * 12 }],
    ['page, allocated', 0.25 + 4 + 63 * 3, { pages: 64 * 20 }],
    ['page, allocated and zeroed', 0.25 + 4 * 1 + 63 * 1, { pages: 64 * 12 }],
    ['page, freed', 4 + 63 * 3, { pages: 64 * 20 }],
    ['slab of one page, made', 0.25 + 8 + 126 * 3, { pages: 64 * 20 }],
    ['stack of 16 KiB, used again', 4 + 255 * 3, { pages: 256 * 20 }],
    ['stack of 16 KiB, new', 0.25 + 4 * 1 + 255 * 1, { pages: 256 * 12 }],
  ];

  test.each(CASES)('%s', (work, hot, { pages = 0, objects = 0 }) => {
    const { low, best, high } = model.time(ledgerOf([work]), [0]);
    expect(low).toBeCloseTo(hot, 9);
    expect(best).toBeCloseTo(2 * (hot + pages / 2), 9);
    expect(high).toBeCloseTo(3 * (hot + pages + objects), 9);
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
