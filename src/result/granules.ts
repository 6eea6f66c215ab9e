import type { Work } from './result.ts';

/** Granules whose tag was written, at allocation and at free. */
export const allGranules = ({ granules }: Pick<Work, 'granules'>): number => granules.alloc + granules.free;
