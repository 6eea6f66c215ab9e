import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FtraceTextReader } from '../src/formats/ftrace-text/reader.ts';
import { HOOKS } from '../src/kasan/hook.ts';
import { defaultKernelConfig, type KernelConfig } from '../src/kasan/kernel-config.ts';
import { CELL_COLUMNS } from '../src/mte/counting-machine.ts';
import { cpuProfile, withDcBlock } from '../src/mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../src/policy/built-in.ts';
import type { Policy } from '../src/policy/policy.ts';
import type { ReplayOptions } from '../src/replay/options.ts';
import { replay, replayer, type Replayed } from '../src/replay/replay.ts';
import { EVERYTHING } from '../src/replay/selection.ts';
import { randomTrace } from '../src/result/random-trace.testdata.ts';
import type { EventTable } from '../src/trace/event-table.ts';
import { traceFromText } from '../src/trace/trace-from-text.testdata.ts';
import { caseBytes } from './analyzed.testdata.ts';

/** Everything that a replay gives, as text: comparing that is what is fast. */
function all({ ledger, counts, estimates }: Replayed) {
  const cells = ledger.rows.flatMap((_, row) =>
    HOOKS.flatMap(({ name }, hook) =>
      (['certain', 'estimated'] as const)
        .filter((certainty) => ledger.calls(row, hook, certainty) > 0)
        .map((certainty) => [
          row,
          name,
          certainty,
          ...Array.from({ length: CELL_COLUMNS }, (__, column) => ledger.value(row, hook, certainty, column)),
        ]),
    ),
  );
  return JSON.stringify({ rows: ledger.rows, counted: ledger.countedRows, cells, counts, estimates });
}

type Options = Omit<ReplayOptions, 'policy'>;

const optionsFor = (config: Partial<KernelConfig>, dcBlock = '64', more: Partial<Options> = {}): Options => ({
  config: { ...defaultKernelConfig(), ...config },
  cpu: withDcBlock(cpuProfile('cortex-a710'), dcBlock),
  recordedBy: { major: 7, minor: 3 },
  groupBy: 'comm',
  ...more,
});

/** A policy that looks at what others do not, and samples. */
const BY_COMM: Policy = {
  name: 'by-comm',
  description: '',
  source: '',
  rules: [
    { match: { comm: ['task1', 'bench'] }, action: 'skip' },
    { match: { function: ['*alloc*'], order: { min: 1 } }, action: 'tag' },
    { match: { gfp: ['__GFP_ZERO'] }, action: 'skip' },
  ],
  otherwise: 'kernel',
  kasan: { sample: { every: 3, order: 1 } },
};

const POLICIES = [...BUILT_IN_POLICIES, BY_COMM];

/** @param policies in the order in which they are asked for */
function expectSame(
  table: EventTable,
  options: Options,
  policies: readonly Policy[],
  expected: readonly Policy[],
): void {
  const replayUnder = replayer(table, options, expected);
  for (const policy of policies) {
    expect(all(replayUnder(policy)), policy.name).toBe(all(replay(table, { ...options, policy })));
  }
}

const CONFIGS: readonly (readonly [name: string, config: Partial<KernelConfig>])[] = [
  ['as it is', {}],
  ['kasan=off', { kasan: false }],
  ['kasan.vmalloc=off init_on_alloc=1', { vmalloc: false, initOnAlloc: true }],
  ['init_on_free=1', { initOnFree: true }],
  ['kasan.page_alloc.sample=2 kasan.page_alloc.sample.order=0', { pageAllocSample: 2, pageAllocSampleOrder: 0 }],
];

describe('a trace that is followed once gives each policy the ledger that it has alone', () => {
  test.each(CONFIGS)('random traces, %s', (_, config) => {
    const steps = fc.array(fc.record({ what: fc.nat(11), seed: fc.nat(1 << 20) }), { minLength: 1, maxLength: 60 });
    const made = fc.record({
      hwTags: fc.boolean(),
      plainPointers: fc.boolean(),
      steps,
      order: fc.shuffledSubarray(POLICIES, { minLength: POLICIES.length }),
      isExpected: fc.boolean(),
      dcBlock: fc.constantFrom('16', '64', '512', '2048', 'dzp'),
      more: fc.constantFrom<Partial<Options>>(
        {},
        { since: 1.00001, until: 1.00004 },
        { selection: { ...EVERYTHING, comms: ['task*'], cpus: [0], excludeRecorder: true } },
      ),
    });
    fc.assert(
      fc.property(made, ({ order, isExpected, dcBlock, more, ...trace }) => {
        const table = traceFromText(randomTrace(trace.steps, trace));
        expectSame(table, optionsFor(config, dcBlock, more), order, isExpected ? order : []);
      }),
      { numRuns: 8 },
    );
  });

  test.each(['ftrace-text/arm64-stacks.trace', 'ftrace-text/x86-no-stacks.trace'])('%s', (path) => {
    const reader = new FtraceTextReader({ name: path });
    reader.push(caseBytes(path));
    const table = reader.finish();
    for (const [, config] of CONFIGS) expectSame(table, optionsFor(config), POLICIES, POLICIES);
  });
});
