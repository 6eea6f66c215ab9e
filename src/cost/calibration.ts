import * as v from 'valibot';
import type { Interval } from '../base/interval.ts';
import { checkedJson } from '../json/checked-json.ts';

/** Instructions that user space may execute, and the program measures. */
export const CALIBRATED = ['stg', 'stzg', 'st2g', 'stz2g', 'dcGva', 'dcGzva', 'dcZva', 'ldg', 'irg'] as const;
export type CalibratedKind = (typeof CALIBRATED)[number];

/** A minute for one instruction: nothing is as slow, and sums of such figures stay finite. */
const MAX_NS = 6e10;

const ns = v.pipe(
  v.number('nanoseconds'),
  v.minValue(0, 'nanoseconds, not negative'),
  v.maxValue(MAX_NS, 'nanoseconds, of less than a minute'),
);
/** A whole number from 0 on, that a double holds. */
const SIZE = 'a whole number, not negative';
const size = v.pipe(v.number(SIZE), v.safeInteger(SIZE), v.minValue(0, SIZE));
const BLOCK = 'bytes of a DC block, a power of two from 16 to 2048';
const powerOfTwo = v.pipe(
  v.number(BLOCK),
  v.check((n) => Number.isInteger(n) && n >= 16 && n <= 2048 && (n & (n - 1)) === 0, BLOCK),
);

const calibrationSchema = v.strictObject({
  schema: v.literal('tagscope.calibration', 'the schema "tagscope.calibration"'),
  version: v.literal(1, 'version 1'),
  machine: v.strictObject({
    midr: v.pipe(v.string(), v.maxLength(256)),
    core: size,
    kernel: v.pipe(v.string(), v.maxLength(256)),
    dcBlock: powerOfTwo,
    dzp: v.boolean(),
    hotBytes: size,
    coldBytes: size,
  }),
  unit: v.literal('ns for each instruction'),
  figures: v.pipe(
    v.array(
      v.strictObject({
        instruction: v.picklist(CALIBRATED, `one of ${CALIBRATED.join(', ')}`),
        state: v.picklist(['hot', 'cold'], 'hot or cold'),
        low: ns,
        best: ns,
        high: ns,
      }),
    ),
    v.maxLength(100),
  ),
});

/** What `calibration/mte-calibrate.c` measured on a machine. */
export type Calibration = v.InferOutput<typeof calibrationSchema>;

const ADVICE =
  'A calibration is what `tagscope calibrate -o FILE` writes on an arm64 machine with MTE; docs/calibration.md describes it.';

/**
 * Reads a calibration from the text of its file.
 *
 * @param file name of the file in messages
 * @throws InputError naming the place and the field that is wrong, what was found there and what was expected
 */
export function parseCalibration(text: string, file: string): Calibration {
  const checked = checkedJson(text, calibrationSchema, { what: 'calibration', file, advice: ADVICE });
  const { figures } = checked.value;
  for (const [index, { low, best, high }] of figures.entries()) {
    if (low > best || best > high)
      throw checked.refusal(['figures', index], `${low}, ${best}, ${high}`, 'low, best and high in order');
  }
  const twice = figures.findIndex(
    (figure, index) => figures.findIndex((each) => isOf(each, figure.instruction, figure.state)) !== index,
  );
  if (twice >= 0) {
    const { instruction, state } = figures[twice];
    throw checked.refusal(['figures', twice], `${instruction}, ${state} twice`, 'each figure once');
  }
  for (const { instruction, state } of required(checked.value)) {
    if (figureOf(checked.value, instruction, state) === undefined)
      throw checked.refusal(['figures'], `nothing for ${instruction}, ${state}`, 'a figure for it');
  }
  return checked.value;
}

/** What the profile cannot do without. Where DC GVA is prohibited there is none to measure. */
function required({
  machine,
}: Calibration): readonly { readonly instruction: CalibratedKind; readonly state: 'hot' | 'cold' }[] {
  const hot = CALIBRATED.filter((kind) => !machine.dzp || !kind.startsWith('dc'));
  const cold: readonly CalibratedKind[] = machine.dzp ? ['stg', 'stzg'] : ['dcGva', 'dcGzva', 'dcZva'];
  return [
    ...hot.map((instruction) => ({ instruction, state: 'hot' as const })),
    ...cold.map((instruction) => ({ instruction, state: 'cold' as const })),
  ];
}

const isOf = (figure: Calibration['figures'][number], instruction: CalibratedKind, state: 'hot' | 'cold'): boolean =>
  figure.instruction === instruction && figure.state === state;

/** The figure of an instruction in a state, in nanoseconds for each; undefined if it was not measured. */
export const figureOf = (
  { figures }: Calibration,
  instruction: CalibratedKind,
  state: 'hot' | 'cold',
): Interval | undefined => figures.find((figure) => isOf(figure, instruction, state));
