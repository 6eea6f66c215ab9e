import { INSTRUCTION_KINDS, INSTRUCTION_NAMES, TAG_SETTING_KINDS, type InstructionKind } from '../mte/instruction.ts';
import type { ReportResult } from '../result/result.ts';
import { byteSize, count } from './number-format.ts';
import type { TextOptions } from './text-options.ts';

/** What each kind does, in a few words. `block` is the size of a DC block. */
const MEANING: { readonly [Kind in InstructionKind]: (block: string) => string } = {
  irg: () => 'makes a random tag',
  ldg: () => 'reads the tag of a granule',
  ldgm: () => 'reads the tags of several granules',
  stg: () => 'tags a granule',
  stzg: () => 'tags and zeroes a granule',
  st2g: () => 'tags two granules',
  stz2g: () => 'tags and zeroes two granules',
  stgm: () => 'tags several granules',
  stzgm: () => 'tags and zeroes several granules',
  dcGva: (block) => `tags a block of ${block}`,
  dcGzva: (block) => `tags and zeroes a block of ${block}`,
  dcZva: (block) => `zeroes a block of ${block}, no tag`,
};

/** What a kind does, in a few words. `dcBlock`: bytes of a DC block. */
export const instructionMeaning = (kind: InstructionKind, dcBlock: number): string => MEANING[kind](byteSize(dcBlock));

const NAME_WIDTH = 8;

/** Instructions by kind: those that set tags, and apart from them those that do not. Kinds that were not executed are left out. */
export function instructionsText(result: ReportResult, options: TextOptions): string[] {
  const counts = result.totals.instructions;
  const setting = new Set<InstructionKind>(TAG_SETTING_KINDS);
  const executed = INSTRUCTION_KINDS.filter((kind) => counts[kind] > 0);
  if (executed.length === 0) return [];
  const figureWidth = Math.max(...executed.map((kind) => count(counts[kind]).length));
  const line = (kind: InstructionKind): string =>
    `  ${INSTRUCTION_NAMES[kind].padEnd(NAME_WIDTH)}${count(counts[kind]).padStart(figureWidth)}  ${instructionMeaning(kind, result.kernel.dcBlock)}`;
  const group = (title: string, kinds: readonly InstructionKind[]): string[] =>
    kinds.length === 0 ? [] : [options.style.strong(title), ...kinds.map(line)];
  return [
    ...group(
      'Instructions that set tags',
      executed.filter((kind) => setting.has(kind)),
    ),
    ...group(
      'Instructions that set none, and are not in the figures above',
      executed.filter((kind) => !setting.has(kind)),
    ),
  ];
}
