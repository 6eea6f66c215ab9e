import { KASAN_BUILDS, type KasanBuild } from '../../kasan/kernel-config.ts';
import type { WorkloadName } from '../../result/bench.ts';
import type { Command } from '../command.ts';
import { STACK_FORMATS } from '../groups/formats.ts';
import { KERNEL_OPTIONS } from '../groups/kernel.ts';
import { outputOptions } from '../groups/output.ts';
import { cpuOption, DC_BLOCK, FROM, policyOption, PROFILE, SEED, TO } from '../groups/shared.ts';
import { topOption, WEIGHT } from '../groups/table.ts';
import type { Given, Option } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope bench pgtable                        what the series saves where page tables come and go
  tagscope bench thread --threads 100 --iterations 50
  tagscope bench pgtable --mem 2048 --iterations 2000     as in the series' cover letter
  tagscope bench thread --from all --to mine.json --cmdline init_on_alloc=1
  tagscope bench shell --policy series --json

Workloads, as the series describes them:
  thread    the program forks; its child creates threads, which end; then it ends itself
  pgtable   the program maps memory and writes to all of it; then it forks, and each child ends at once
  shell     a program is run, a small file and a pipe are written, memory is mapped: other classes beside
`;

/** What can be run. */
export const WORKLOADS = ['thread', 'pgtable', 'shell'] as const satisfies readonly WorkloadName[];

/** Memory of a model whose size is not given: this, and room for what the workload maps. */
export const BASE_RAM_MIB = 1024;

const BUILDS: readonly (KasanBuild | 'off')[] = [...KASAN_BUILDS, 'off'];

export const THREADS = {
  name: 'threads',
  value: 'n',
  whole: [1, 30_000],
  default: '100',
  help: 'threads of each iteration of thread',
  reproduces: true,
} as const satisfies Option;
export const MEM = {
  name: 'mem',
  value: 'MiB',
  whole: [1, 65_536],
  default: '256',
  help: 'memory that pgtable maps and faults',
  reproduces: true,
} as const satisfies Option;
/** Enough to see, done in a moment. */
export const ITERATIONS = {
  name: 'iterations',
  value: 'n',
  whole: [1, 1e9],
  default: '50',
  help: 'iterations',
  reproduces: true,
} as const satisfies Option;
export const THP = { name: 'thp', help: 'fault by huge pages', reproduces: true } as const satisfies Option;
export const CPUS = {
  name: 'cpus',
  value: 'n',
  whole: [1, 64],
  default: '1',
  help: 'CPUs of the machine',
  reproduces: true,
} as const satisfies Option;
export const RAM = {
  name: 'ram',
  value: 'MiB',
  whole: [128, 131_072],
  otherwise: `${BASE_RAM_MIB}, and as much as the workload maps`,
  help: 'memory of the machine',
  reproduces: true,
} as const satisfies Option;

/** `tagscope bench`. */
export const BENCH = {
  name: 'bench',
  about: "the series' benchmark on the executable model, before and after",
  arguments: [{ form: '<workload>', help: `${WORKLOADS.slice(0, -1).join(', ')} or ${WORKLOADS.at(-1)}` }],
  options: [
    THREADS,
    MEM,
    ITERATIONS,
    THP,
    policyOption({ help: 'run under one policy only' }),
    FROM,
    TO,
    {
      name: 'kasan',
      value: 'build',
      choices: BUILDS,
      default: 'hw-tags',
      help: `${KASAN_BUILDS.join(', ')} or off`,
      reproduces: true,
    },
    cpuOption('CPU to model'),
    DC_BLOCK,
    PROFILE,
    {
      name: 'cmdline',
      value: 'params',
      default: '',
      help: 'boot parameters, such as "init_on_alloc=1 kasan.vmalloc=off"',
      reproduces: true,
    },
    { name: 'vmapStack', negated: true, help: 'kernel stacks of pages: CONFIG_VMAP_STACK=n', reproduces: true },
    CPUS,
    RAM,
    SEED,
    ...KERNEL_OPTIONS,
    topOption('rows of the table by call site'),
    WEIGHT,
    ...outputOptions(STACK_FORMATS),
  ],
  formats: STACK_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type BenchOptions = Given<typeof BENCH.options>;
