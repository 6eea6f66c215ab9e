import { AS_RECORDED } from './as-recorded.ts';
import { FLAG_POLICIES } from './flag-policies.ts';
import { KERNELS } from './kernels.ts';
import type { Policy } from './policy.ts';
import { samplePolicy } from './sample-policy.ts';
import { TIMING_POLICIES } from './timing-policies.ts';

/** Policies that belong together. */
export interface PolicyGroup {
  readonly title: string;
  readonly policies: readonly Policy[];
}

/** Konovalov, December 2022: the setting that brought a network benchmark from 50 to 20 % of overhead. */
const MEASURED_SAMPLE = { every: 10, order: 3 } as const;

const BOUNDS: readonly Policy[] = [
  {
    name: 'all',
    description:
      "Every allocation is tagged, user memory too: what tagging would cost if no allocation could opt out. Not a kernel that exists; the upper end of the scale. A kernel with it could not run programs that use MTE themselves: their pages (__GFP_ZEROTAGS) must begin with tag 0, and would have the kernel's.",
    source: 'a bound',
    rules: [],
    otherwise: 'tag',
  },
  {
    name: 'none',
    description: 'Nothing is tagged. The lower end of the scale: what remains is the zeroing that was asked for.',
    source: 'a bound',
    rules: [],
    otherwise: 'skip',
  },
];

/** The policies that mean the same with every trace and without one, as they are listed. */
const FIXED_GROUPS: readonly PolicyGroup[] = [
  { title: 'Kernels', policies: KERNELS },
  { title: 'What the flags mean', policies: FLAG_POLICIES },
  { title: 'When tags are written', policies: TIMING_POLICIES },
  { title: 'Which pages are tagged', policies: [samplePolicy(MEASURED_SAMPLE)] },
  { title: 'Bounds', policies: BOUNDS },
];

/** The policies that can be named without a file, as they are listed. */
export const POLICY_GROUPS: readonly PolicyGroup[] = [
  { title: 'The kernel that recorded a trace', policies: [AS_RECORDED] },
  ...FIXED_GROUPS,
];

/** Those that can be compared, modelled and audited: all but what depends on a trace. */
export const BUILT_IN_POLICIES: readonly Policy[] = FIXED_GROUPS.flatMap(({ policies }) => policies);

/** What a report is under, unless told otherwise. */
export const DEFAULT_POLICY = AS_RECORDED.name;
/** The two sides of a comparison, unless told otherwise. */
export const DEFAULT_FROM = 'before-series';
export const DEFAULT_TO = 'series';
