import { availableParallelism } from 'node:os';

/** Each thread takes some tens of MB, and memory is bounded whatever the number of cores. */
const MAX_DEFAULT_JOBS = 4;

/** How many threads read a trace, if nothing is said. */
export const defaultJobs = (): number => Math.min(availableParallelism(), MAX_DEFAULT_JOBS);
