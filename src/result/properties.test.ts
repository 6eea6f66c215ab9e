import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import { series2026 } from '../cost/series-2026.ts';
import { HOOKS, type Phase } from '../kasan/hook.ts';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import { INSTRUCTION_KINDS, tagSetting } from '../mte/instruction.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import type { Policy } from '../policy/policy.ts';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import { analyze } from './analyze.ts';
import { randomTrace } from './random-trace.testdata.ts';
import type { HookWork, Interval, ReportResult, Work } from './result.ts';

const steps = fc.array(fc.record({ what: fc.nat(11), seed: fc.nat(1 << 20) }), { minLength: 1, maxLength: 60 });
const traces = fc
  .record({ hwTags: fc.boolean(), plainPointers: fc.boolean(), steps })
  .map((made) => randomTrace(made.steps, made));
const cpus = fc
  .constantFrom('16', '64', '256', '512', '2048', 'dzp')
  .map((block) => withDcBlock(cpuProfile('cortex-a710'), block));
const policies = fc.constantFrom(...BUILT_IN_POLICIES);
const configs = fc.record({
  kasan: fc.boolean(),
  vmalloc: fc.boolean(),
  initOnAlloc: fc.boolean(),
  initOnFree: fc.boolean(),
  pageAllocSample: fc.constantFrom(1, 2, 5),
  pageAllocSampleOrder: fc.constantFrom(0, 3),
});

function analyzed(text: string, policy: Policy, cpu = cpuProfile('cortex-a710'), config: Partial<KernelConfig> = {}) {
  return analyze(
    traceFromText(text),
    { files: ['t'], format: 'ftrace text', bytes: text.length },
    {
      policy,
      profile: series2026(),
      cpu,
      config: { ...defaultKernelConfig(), ...config },
      recordedBy: { major: 7, minor: 3 },
      groupBy: 'comm',
      command: '',
      version: '',
      cmdline: '',
    },
  );
}

/** The figures of some work, flat. */
const figures = ({ allocations, frees, bytes, granules, instructions }: Work): Record<string, number> => ({
  allocations,
  frees,
  bytes,
  alloc: granules.alloc,
  free: granules.free,
  ...instructions,
});
const added = (rows: readonly Work[], like: Work): Record<string, number> =>
  Object.fromEntries(
    Object.keys(figures(like)).map((key) => [key, rows.reduce((sum, row) => sum + figures(row)[key], 0)]),
  );
const granulesOf = ({ totals }: ReportResult): number => totals.granules.alloc + totals.granules.free;
const isOrdered = ({ low, best, high }: Interval): boolean => low <= best && best <= high;

const phaseOf = (name: string): Phase | undefined => HOOKS.find((hook) => hook.name === name)?.phase;
const sumOf = (rows: readonly HookWork[], valueOf: (row: HookWork) => number): number =>
  rows.reduce((sum, row) => sum + valueOf(row), 0);

describe('any trace, under any policy, on any kernel and CPU', () => {
  const anything = [traces, policies, cpus, configs] as const;

  test('figures are whole numbers, not negative, and the result survives JSON', () => {
    fc.assert(
      fc.property(...anything, (text, policy, cpu, config) => {
        const result = analyzed(text, policy, cpu, config);
        for (const work of [result.totals, ...result.bySite]) {
          for (const value of Object.values(figures(work))) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(Number.isInteger(value)).toBe(true);
          }
        }
        expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      }),
    );
  });

  test('classes, sites and commands each add up to the totals', () => {
    fc.assert(
      fc.property(...anything, (text, policy, cpu, config) => {
        const { totals, byClass, bySite, byGroup } = analyzed(text, policy, cpu, config);
        for (const rows of [byClass, bySite, byGroup]) expect(added(rows, totals)).toEqual(figures(totals));
        expect(new Set(byClass.map((row) => row.class)).size).toBe(byClass.length);
        expect(new Set(bySite.map((row) => `${row.class} ${row.site}`)).size).toBe(bySite.length);
      }),
    );
  });

  test('what was allocated and freed depends on neither policy, kernel nor CPU', () => {
    fc.assert(
      fc.property(traces, policies, cpus, configs, (text, policy, cpu, config) => {
        const { totals } = analyzed(text, policy, cpu, config);
        const { totals: others } = analyzed(text, BUILT_IN_POLICIES[0]);
        expect([totals.allocations, totals.frees, totals.bytes]).toEqual([
          others.allocations,
          others.frees,
          others.bytes,
        ]);
      }),
    );
  });

  test('kernel functions add up to the totals, by side of the lifetime', () => {
    fc.assert(
      fc.property(...anything, (text, policy, cpu, config) => {
        const { totals, byHook } = analyzed(text, policy, cpu, config);
        for (const phase of ['alloc', 'free'] as const) {
          const rows = byHook.filter((row) => phaseOf(row.hook) === phase);
          expect(sumOf(rows, (row) => row.granules)).toBe(totals.granules[phase]);
        }
        for (const kind of INSTRUCTION_KINDS) {
          expect(sumOf(byHook, (row) => row.instructions[kind])).toBe(totals.instructions[kind]);
        }
      }),
    );
  });

  test('granules are what the instructions write: one a store, a block of 16-byte granules a DC (mte.md section 5)', () => {
    fc.assert(
      fc.property(...anything, (text, policy, cpu, config) => {
        const { bySite } = analyzed(text, policy, cpu, config);
        for (const { granules, instructions } of bySite) {
          const { stg, stzg, dcGva, dcGzva } = instructions;
          expect(granules.alloc + granules.free).toBe(stg + stzg + (dcGva + dcGzva) * (cpu.dcBlock / 16));
        }
      }),
    );
  });

  test('low ≤ best ≤ high, and best is what the totals say', () => {
    fc.assert(
      fc.property(...anything, (text, policy, cpu, config) => {
        const { totals, estimates } = analyzed(text, policy, cpu, config);
        expect(totals.tagInstructions.best).toBe(tagSetting(totals.instructions));
        expect(totals.tagInstructions.low).toBeGreaterThanOrEqual(0);
        expect(totals.tagInstructions).toSatisfy(isOrdered);
        for (const { calls, granules, tagInstructions } of estimates) {
          for (const figure of [calls, granules, tagInstructions]) expect(figure).toSatisfy(isOrdered);
        }
      }),
    );
  });

  test('kasan=off leaves DC ZVA and nothing else', () => {
    fc.assert(
      fc.property(traces, policies, configs, (text, policy, config) => {
        const { totals } = analyzed(text, policy, undefined, { ...config, kasan: false });
        const { dcZva: _, ...rest } = totals.instructions;
        expect(Object.values(rest)).toEqual(Object.values(rest).map(() => 0));
        expect(totals.tagInstructions.high).toBe(0);
      }),
    );
  });
});

describe('the built-in policies, without sampling', () => {
  const unsampled = configs.map((config) => ({ ...config, pageAllocSample: 1 }));
  const under = (text: string, config: Partial<KernelConfig>, ...names: readonly string[]) =>
    Object.fromEntries(
      BUILT_IN_POLICIES.filter(({ name }) => names.includes(name)).map((policy) => [
        policy.name,
        analyzed(text, policy, undefined, config),
      ]),
    );

  test('none writes no tag; all ≥ before-series ≥ series ≥ none in granules', () => {
    fc.assert(
      fc.property(traces, unsampled, (text, config) => {
        const results = under(text, config, 'none', 'all', 'before-series', 'series');
        const { none } = results;
        expect([granulesOf(none), none.totals.tagInstructions.high, none.totals.instructions.irg]).toEqual([0, 0, 0]);
        expect(granulesOf(results.all)).toBeGreaterThanOrEqual(granulesOf(results['before-series']));
        expect(granulesOf(results['before-series'])).toBeGreaterThanOrEqual(granulesOf(results.series));
      }),
    );
  });

  test('a policy changes neither what was read nor what was lost', () => {
    fc.assert(
      fc.property(traces, policies, unsampled, (text, policy, config) => {
        const { none } = under(text, config, 'none');
        const { losses, events } = analyzed(text, policy, undefined, config);
        expect(losses).toEqual(none.losses);
        expect(events).toEqual(none.events);
      }),
    );
  });

  test('series differs from before-series in kernel stacks and page tables alone', () => {
    fc.assert(
      fc.property(traces, unsampled, (text, config) => {
        const results = under(text, config, 'series', 'before-series');
        const others = ({ byClass }: ReportResult) =>
          byClass
            .filter((row) => row.class !== 'kernel-stack' && row.class !== 'page-table')
            .toSorted((a, b) => (a.class < b.class ? -1 : 1));
        expect(others(results.series)).toEqual(others(results['before-series']));
      }),
    );
  });
});
