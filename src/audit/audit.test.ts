import { describe, expect, test } from 'vitest';
import { inOneGo } from '../base/steps.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { audit as auditSteps, type AuditCell, type AuditOptions } from './audit.ts';
import { compareCells, isLoss } from './result.ts';

const audit = (of: AuditOptions): AuditCell[] => inOneGo(auditSteps(of));

const TRIALS = 150;

function options(policy: Policy, commandLine = '', changes: Partial<AuditOptions> = {}): AuditOptions {
  const { config } = parseBootParameters(commandLine, defaultKernelConfig());
  return { config, cpu: cpuProfile('cortex-a710'), policy, seed: 1, trials: TRIALS, ...changes };
}

const builtIn = (name: string): Policy => {
  const found = BUILT_IN_POLICIES.find((policy) => policy.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

const wrong = (cells: readonly AuditCell[]) =>
  cells
    .filter(({ agrees }) => !agrees)
    .map(({ subject, bug, access, detected, theory }) => ({ subject, bug, access, share: detected.share, theory }));

const FULL = Object.fromEntries(BUILT_IN_POLICIES.map((policy) => [policy.name, audit(options(policy))]));

describe('detected shares are what the rules say', () => {
  test.each(BUILT_IN_POLICIES.map(({ name }) => name))('under %s', (name) => {
    expect(wrong(FULL[name])).toEqual([]);
    expect(FULL[name].length).toBeGreaterThan(300);
  });

  test.each(['kasan.mode=async', 'kasan.mode=asymm', 'kasan.write_only=on', 'init_on_alloc=1', 'init_on_free=1'])(
    'with %s',
    (commandLine) => {
      expect(wrong(audit(options(builtIn('series'), commandLine, { trials: 30 })))).toEqual([]);
    },
  );

  test('the rules themselves: spot checks against spec mte.md and slab.md', () => {
    const theory = (subject: string, bug: string, access = 'write') =>
      FULL['series'].find((cell) => cell.subject === subject && cell.bug === bug && cell.access === access)?.theory;
    // "UAF detected with probability 13/14", "neighbour of a live object: overflow detected with probability 13/14".
    expect(theory('kmalloc(100)', 'use after free, after reuse')?.low).toBe(13 / 14);
    expect(theory('kmalloc(100)', 'overflow into live memory')?.low).toBe(13 / 14);
    expect(theory('kmalloc(100)', 'use after free, at once')?.low).toBe(1);
    // Within the granule there is one tag.
    expect(theory('kmalloc(100)', 'overflow by 1 byte')?.high).toBe(0);
    // "UAF and double free on such objects are invisible".
    expect(theory('typesafe-by-RCU object of 200', 'use after free, at once')?.high).toBe(0);
    expect(theory('typesafe-by-RCU object of 200', 'double free', 'free')?.high).toBe(0);
    // "a match-all pointer never faults".
    expect(theory('user page', 'use after free, at once')?.high).toBe(0);
  });
});

describe('from before-series to series', () => {
  const changed = compareCells(FULL['before-series'], FULL['series']);

  test('nothing is lost where the kernel itself goes', () => {
    expect(changed.filter(isLoss)).toEqual([]);
  });

  test('what code with page_address of a page table could see is lost, and named', () => {
    const elsewhere = changed.filter(({ change }) => change === 'lost').map(({ from }) => from.subject);
    expect(new Set(elsewhere)).toEqual(new Set(['page table, by page_address']));
  });

  test('stray pointers into stacks and page tables meet poison instead of a tag that may be theirs', () => {
    for (const { from, to } of changed) {
      if (!/now a table|now a stack|into a page table/.test(from.bug)) continue;
      if (from.theory.low !== 13 / 14 || from.hypothetical) continue;
      expect({ bug: from.bug, to: to.theory.low, share: to.detected.share }).toEqual({
        bug: from.bug,
        to: 1,
        share: 1,
      });
    }
  });
});

describe('a policy that skips more', () => {
  const policy = parsePolicy(
    JSON.stringify({ name: 'mine', rules: [{ match: { class: 'mmu-gather' }, action: 'skip' }], otherwise: 'kernel' }),
    'mine.json',
  );

  test('loses the detection in that class, by name and share, and in no other', () => {
    const series = compareCells(
      audit(options(builtIn('series'), '', { only: 'mmu-gather' })),
      audit(options(policy, '', { only: 'mmu-gather' })),
    );
    const losses = series.filter(isLoss);
    expect(losses.map(({ from }) => from.bug)).toContain('use after free, at once');
    for (const { from, to } of losses) expect([from.class, to.detected.share]).toEqual(['mmu-gather', 0]);
    const others = audit(options(policy, '', { only: 'pipe' }));
    expect(wrong(others)).toEqual([]);
  });
});

describe.each(['sw-tags', 'generic'] as const)('%s: the flag is 0', (build) => {
  const config = defaultKernelConfig(4096, build);
  const cellsOf = (name: string) => audit({ ...options(builtIn(name)), config, trials: 60 });

  test('no policy changes anything, to the last trial', () => {
    const [before, after, none] = ['before-series', 'series', 'none'].map(cellsOf);
    expect(after).toEqual(before);
    expect(none).toEqual(before);
    expect(wrong(before)).toEqual([]);
  });
});

test('the same seed gives the same result', () => {
  const run = () => audit(options(builtIn('series'), '', { only: 'kmalloc-large', trials: 50 }));
  expect(run()).toEqual(run());
});
