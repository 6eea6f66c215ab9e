import type { InstructionCounts } from './instruction.ts';

/** Nothing was executed. */
export const NO_INSTRUCTIONS: InstructionCounts = {
  irg: 0,
  ldg: 0,
  ldgm: 0,
  stg: 0,
  stzg: 0,
  st2g: 0,
  stz2g: 0,
  stgm: 0,
  stzgm: 0,
  dcGva: 0,
  dcGzva: 0,
  dcZva: 0,
};
