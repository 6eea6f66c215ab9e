/**
 * The instructions that are counted: those that touch memory tags, and DC ZVA, which zeroes where a tag store does not.
 * The index of a kind in this list is its column in a ledger.
 */
export const INSTRUCTION_KINDS = [
  'irg',
  'ldg',
  'ldgm',
  'stg',
  'stzg',
  'st2g',
  'stz2g',
  'stgm',
  'stzgm',
  'dcGva',
  'dcGzva',
  'dcZva',
] as const;

export type InstructionKind = (typeof INSTRUCTION_KINDS)[number];

/** The kinds that write memory tags. */
export const TAG_SETTING_KINDS = [
  'stg',
  'stzg',
  'st2g',
  'stz2g',
  'stgm',
  'stzgm',
  'dcGva',
  'dcGzva',
] as const satisfies readonly InstructionKind[];

/** How often each kind was executed. */
export type InstructionCounts = { readonly [Kind in InstructionKind]: number };

/** The sum of the kinds that write memory tags. */
export const tagSetting = (counts: InstructionCounts): number =>
  TAG_SETTING_KINDS.reduce((sum, kind) => sum + counts[kind], 0);

/** The names that the architecture gives the kinds. */
export const INSTRUCTION_NAMES: { readonly [Kind in InstructionKind]: string } = {
  irg: 'IRG',
  ldg: 'LDG',
  ldgm: 'LDGM',
  stg: 'STG',
  stzg: 'STZG',
  st2g: 'ST2G',
  stz2g: 'STZ2G',
  stgm: 'STGM',
  stzgm: 'STZGM',
  dcGva: 'DC GVA',
  dcGzva: 'DC GZVA',
  dcZva: 'DC ZVA',
};
