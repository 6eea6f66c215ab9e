import fc from 'fast-check';
import { TEST_SEED } from './seed.ts';

// Every property starts from the same seed, so that a run can be repeated; fast-check prints the seed of a failure.
fc.configureGlobal({ seed: TEST_SEED });
