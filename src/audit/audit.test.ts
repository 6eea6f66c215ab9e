import { describe, expect, test } from 'vitest';
import { inOneGo } from '../base/steps.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { builtInPolicy } from '../policy/named.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { Policy, PolicyMatch } from '../policy/policy.ts';
import { audit as auditSteps, type AuditCell, type AuditOptions } from './audit.ts';
import { MadeTrials } from './made-trials.ts';
import { compareCells, isLoss } from './result.ts';

const audit = (of: AuditOptions): AuditCell[] => inOneGo(auditSteps(of));

/** So many that a share of 13/14 is told apart from 1: (13/14)^170 is rarer than what is refused. */
const TRIALS = 170;

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

const SHARED = new MadeTrials();
const FULL = Object.fromEntries(
  BUILT_IN_POLICIES.map((policy) => [policy.name, inOneGo(auditSteps(options(policy), SHARED))]),
);

describe('trials are made once for policies that treat their memory alike', () => {
  const skipping = (name: string, match: PolicyMatch): Policy => ({
    name,
    description: '',
    source: '',
    rules: [{ match, action: 'skip' }],
    otherwise: 'kernel',
  });

  test('and give under each policy what they give alone', () => {
    const made = new MadeTrials();
    // What looks at orders, sites and commands, and the built-in policies, in an order in which each meets others.
    const others = [
      skipping('order', { order: { min: 1 } }),
      skipping('comm', { comm: ['bench'] }),
      skipping('function', { class: ['slab-object'], function: ['start_kernel'] }),
    ];
    for (const policy of [...others, ...BUILT_IN_POLICIES.toReversed()]) {
      const few = options(policy, '', { trials: 2 });
      expect([policy.name, inOneGo(auditSteps(few, made))]).toEqual([policy.name, audit(few)]);
    }
  });

  test('not where the kernel, the seed or the cells are others', () => {
    const made = new MadeTrials();
    const changes: readonly Partial<AuditOptions>[] = [
      {},
      { seed: 2 },
      { trials: 3 },
      { only: 'pipe' },
      { config: parseBootParameters('kasan.write_only=on', defaultKernelConfig()).config },
    ];
    for (const change of changes) {
      const few = options(builtIn('series'), '', { trials: 2, ...change });
      expect(inOneGo(auditSteps(few, made))).toEqual(audit(few));
    }
  });
});

describe('detected shares are what the rules say', () => {
  test.each(BUILT_IN_POLICIES.map(({ name }) => name))('under %s', (name) => {
    expect(wrong(FULL[name])).toEqual([]);
    expect(FULL[name].length).toBeGreaterThan(450);
  });

  test.each([
    'kasan.mode=async',
    'kasan.mode=asymm',
    'kasan.write_only=on',
    'kasan.vmalloc=off',
    'init_on_alloc=1',
    'init_on_free=1',
  ])('with %s', (commandLine) => {
    for (const name of ['before-series', 'tag-on-free'])
      expect([name, wrong(audit(options(builtIn(name), commandLine, { trials: 30 })))]).toEqual([name, []]);
  });

  test('the rules themselves: spot checks against spec mte.md and slab.md', () => {
    const theory = (subject: string, bug: string, access = 'write') =>
      FULL['series'].find((cell) => cell.subject === subject && cell.bug === bug && cell.access === access)?.theory;
    // "UAF detected with probability 13/14", "neighbour of a live object: overflow detected with probability 13/14".
    expect(theory('kmalloc(100)', 'use after free, after reuse')?.low).toBe(13 / 14);
    expect(theory('kmalloc(100)', 'overflow into live memory')?.low).toBe(13 / 14);
    expect(theory('kmalloc(100)', 'use after free, at once')?.low).toBe(1);
    // Within the granule there is one tag.
    expect(theory('kmalloc(100)', 'overflow within the granule')?.high).toBe(0);
    // "UAF and double free on such objects are invisible".
    expect(theory('typesafe-by-RCU object of 200', 'use after free, at once')?.high).toBe(0);
    expect(theory('typesafe-by-RCU object of 200', 'double free', 'free')?.high).toBe(0);
    // "a match-all pointer never faults".
    expect(theory('user page', 'use after free, at once')?.high).toBe(0);
  });
});

/** What the rules give for a bug under a policy, and what was observed. */
const of = (policy: string, subject: string, bug: string, access = 'write') => {
  const cell = FULL[policy].find((each) => each.subject === subject && each.bug === bug && each.access === access);
  return [cell?.theory.low, cell?.theory.high, cell?.agrees];
};
/** Bugs that are detected less often than under the series, and more often, by the rules. */
const changedBugs = (policy: string, change: 'lost' | 'gained') =>
  new Set(
    compareCells(FULL['series'], FULL[policy])
      .filter(
        ({ from, to }) =>
          !from.hypothetical && (change === 'lost' ? to.theory.low < from.theory.low : to.theory.low > from.theory.low),
      )
      .map(({ from }) => `${from.class}: ${from.bug}`),
  );
const ONCE_IN_14 = 13 / 14;

describe('what proposals leave of the detection of the series', () => {
  test.each(['untagged', 'skip-new-slab', 'series-v1'])('%s: everything', (name) => {
    expect(changedBugs(name, 'lost')).toEqual(new Set());
    expect(changedBugs(name, 'gained')).toEqual(new Set());
  });

  test('tag-only-on-alloc: not use after free before somebody else has the memory, and no double free', () => {
    // Its commit message names these two as the price.
    for (const subject of ['kmalloc(100)', 'page', 'pipe buffer', 'kmalloc(20000)'])
      expect(of('tag-only-on-alloc', subject, 'use after free, at once')).toEqual([0, 0, true]);
    expect(of('tag-only-on-alloc', 'kmalloc(100)', 'double free', 'free')).toEqual([0, 0, true]);
    // Then it is a matter of two draws, as ever.
    expect(of('tag-only-on-alloc', 'kmalloc(100)', 'use after free, after reuse')).toEqual([
      ONCE_IN_14,
      ONCE_IN_14,
      true,
    ]);
    // Memory that nobody tags keeps the tag of the pointer, where the series leaves poison (Catalin Marinas' objection).
    for (const bug of ['stale pointer, now user page', 'stale pointer, now a table'])
      expect([of('series', 'page', bug), of('tag-only-on-alloc', 'page', bug)]).toEqual([
        [1, 1, true],
        [0, 0, true],
      ]);
    // Redzones are written at allocation, and stay.
    expect(of('tag-only-on-alloc', 'kmalloc(100)', 'overflow into own redzone')).toEqual([1, 1, true]);
    expect(of('tag-only-on-alloc', 'kmalloc(100)', 'underflow into a redzone')).toEqual([1, 1, true]);
    expect(of('tag-only-on-alloc', 'kmalloc(100)', 'underflow into a freed redzone')).toEqual([1, 1, true]);
    expect(of('tag-only-on-alloc', 'kmalloc(24)', 'underflow into freed memory')).toEqual([
      ONCE_IN_14,
      ONCE_IN_14,
      true,
    ]);
  });

  test('if pages are still poisoned, only objects lose', () => {
    const lost = [...changedBugs('tag-only-on-alloc-poison-pages', 'lost')];
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.filter((bug) => !bug.startsWith('slab-object'))).toEqual([]);
    expect(of('tag-only-on-alloc-poison-pages', 'page', 'stale pointer, now user page')).toEqual([1, 1, true]);
  });

  test('tag-on-free: a stale pointer meets a fresh random tag, whoever has the memory', () => {
    for (const subject of ['kmalloc(100)', 'page', 'pipe buffer'])
      for (const bug of ['use after free, at once', 'use after free, after reuse', 'overflow into freed memory'])
        expect([subject, bug, ...of('tag-on-free', subject, bug)]).toEqual([
          subject,
          bug,
          ONCE_IN_14,
          ONCE_IN_14,
          true,
        ]);
    expect(of('tag-on-free', 'kmalloc(100)', 'double free', 'free')).toEqual([ONCE_IN_14, ONCE_IN_14, true]);
    // Unlike what keeps its tag, a page that went to user space does not match the pointer that it had.
    expect(of('tag-on-free', 'page', 'stale pointer, now user page')).toEqual([ONCE_IN_14, ONCE_IN_14, true]);
    expect(of('tag-on-free', 'kmalloc(100)', 'overflow into own redzone')).toEqual([1, 1, true]);
  });

  test('skip-large-kmalloc: everything in large kmallocs but a free of the wrong address, and nothing else', () => {
    const lost = [...changedBugs('skip-large-kmalloc', 'lost')];
    expect(lost.filter((bug) => !bug.startsWith('kmalloc-large'))).toEqual([]);
    expect(of('skip-large-kmalloc', 'kmalloc(20000)', 'use after free, at once')).toEqual([0, 0, true]);
    expect(of('skip-large-kmalloc', 'kmalloc(20000)', 'overflow into own redzone')).toEqual([0, 0, true]);
    expect(of('skip-large-kmalloc', 'kmalloc(20000)', 'invalid free', 'free')).toEqual([1, 1, true]);
  });

  test('leave-new-slab: what nobody was given yet of a slab, and padding, is as its pages were', () => {
    // kasan_poison_slab writes no tag into what a constructor has left poisoned, nor into kmalloc's redzones.
    expect(changedBugs('leave-new-slab', 'lost')).toEqual(
      new Set(['slab-object: overflow into a new object', 'slab-object: overflow into padding']),
    );
    expect(of('leave-new-slab', 'object of 200 with a constructor', 'overflow into a new object')).toEqual([
      1,
      1,
      true,
    ]);
    expect(of('leave-new-slab', 'slab object of 200', 'overflow into a new object')).toEqual([ONCE_IN_14, 1, true]);
    expect(of('leave-new-slab', 'kmalloc(100)', 'overflow into own redzone')).toEqual([1, 1, true]);
  });

  test('kmalloc-large-in-hooks: nothing, and page sampling does not reach it', () => {
    expect(changedBugs('kmalloc-large-in-hooks', 'lost')).toEqual(new Set());
    expect(changedBugs('kmalloc-large-in-hooks', 'gained')).toEqual(new Set());
    const parameters = 'kasan.page_alloc.sample=10 kasan.page_alloc.sample.order=0';
    const large = audit(options(builtIn('kmalloc-large-in-hooks'), parameters, { only: 'kmalloc-large' }));
    expect(wrong(large)).toEqual([]);
    expect(large.find(({ bug }) => bug === 'use after free, at once')?.theory.low).toBe(1);
  });

  test('distinct-tags: the first reuse and a linear overflow always, of what draws a tag each time', () => {
    for (const subject of ['kmalloc(24)', 'kmalloc(100)', 'page'])
      for (const bug of ['use after free, after reuse', 'overflow into live memory'])
        expect([subject, bug, ...of('distinct-tags', subject, bug)]).toEqual([subject, bug, 1, 1, true]);
    for (const subject of ['object of 200 with a constructor', 'typesafe-by-RCU object of 200'])
      expect(of('distinct-tags', subject, 'overflow into live memory')).toEqual([ONCE_IN_14, ONCE_IN_14, true]);
    // A tag may come again: of 14 with no live neighbour, of 12 between two. Four draws, each other than the one before:
    // 1/n + (n−1)/n × (−1/(n−1))⁴.
    const [low = 0, high = 0] = of('distinct-tags', 'kmalloc(100)', 'use after free, 4 reuses').map(Number);
    expect(low).toBeCloseTo(1 - (1 / 12 + 11 / 12 / 11 ** 4), 12);
    expect(high).toBeCloseTo(1 - (1 / 14 + 13 / 14 / 13 ** 4), 12);
    expect([...changedBugs('distinct-tags', 'lost')].every((bug) => bug.endsWith('4 reuses'))).toBe(true);
    const onFree = parsePolicy(
      '{"name":"x","rules":[],"kasan":{"draws":"distinct","freedObjects":"redraw","freedPages":"redraw"}}',
      'x',
    );
    expect(wrong(audit(options(onFree, '', { only: 'slab-object' })))).toEqual([]);
  });

  test('default-untagged: all that does not come from slab or kmalloc', () => {
    const lost = [...changedBugs('default-untagged', 'lost')];
    const classes = new Set(lost.map((bug) => bug.split(':')[0]));
    expect(classes).toEqual(new Set(['driver/other', 'mmu-gather', 'pipe', 'vmalloc']));
  });

  test('the uses of the flag: user memory is found out by the one that tags it', () => {
    expect(of('skip-user', 'user page', 'use after free, at once')).toEqual([0, 0, true]);
    expect(of('skip-match-all', 'user page', 'use after free, at once')).toEqual([1, 1, true]);
    expect(changedBugs('skip-match-all', 'lost')).toEqual(
      new Set([
        'driver/other: stale pointer, now user page',
        'mmu-gather: stale pointer, now user page',
        'pipe: stale pointer, now user page',
      ]),
    );
  });

  test('sampling: of large blocks nine in ten are not found out; what is smaller stays', () => {
    const lost = [...changedBugs('sample=10,order=3', 'lost')];
    expect(new Set(lost.map((bug) => bug.split(':')[0]))).toEqual(new Set(['kmalloc-large', 'driver/other']));
    expect(of('sample=10,order=3', 'block of 8 pages', 'use after free, at once').slice(0, 2)).toEqual([
      ONCE_IN_14 / 10,
      1 / 10,
    ]);
    expect(of('sample=10,order=3', 'page', 'use after free, at once')).toEqual([1, 1, true]);
    const [low, high, agrees] = of('sample=10,order=3', 'kmalloc(20000)', 'use after free, at once');
    expect([low, high, agrees]).toEqual([ONCE_IN_14 / 10, 1 / 10, true]);
  });
});

test.each([
  ['series-v1', 0],
  ['untagged', 0],
  ['skip-new-slab', 0],
  ['kmalloc-large-in-hooks', 0],
  ['leave-new-slab', 8],
  ['distinct-tags', 24],
  ['tag-on-free', 113],
  ['tag-only-on-alloc-poison-pages', 63],
  ['tag-only-on-alloc', 124],
  ['sample=10,order=3', 20],
  ['skip-large-kmalloc', 11],
  ['default-untagged', 120],
  ['skip-match-all', 8],
  ['all', 26],
])('%s loses %i kinds of bug against the series, as docs/audit.md says', (name, lost) => {
  const worse = compareCells(FULL['series'], FULL[name]).filter(
    ({ from, to }) => !from.hypothetical && to.theory.low + to.theory.high < from.theory.low + from.theory.high - 1e-9,
  );
  expect(worse).toHaveLength(lost);
});

test('sampling every page, by policy or by boot parameter, is as the rules say', () => {
  const sampled = builtInPolicy('sample=4,order=0');
  if (sampled === undefined) throw new Error('no such policy');
  expect(wrong(audit(options(sampled, '', { trials: TRIALS })))).toEqual([]);
  const parameters = 'kasan.page_alloc.sample=4 kasan.page_alloc.sample.order=0';
  expect(wrong(audit(options(builtIn('tag-only-on-alloc'), parameters, { trials: TRIALS })))).toEqual([]);
});

describe('whatever the trials', () => {
  const few = (name: string): AuditCell[] => audit(options(builtIn(name), '', { trials: 3, only: 'pipe' }));

  test('what the rules tell apart is a loss or a gain, with three trials too', () => {
    const [series, none] = [few('series'), few('none')];
    const losses = compareCells(series, none).filter(isLoss);
    expect(losses.map(({ from }) => from.bug)).toContain('use after free, at once');
    for (const { from, to } of losses) expect([from.theory.low > 0, to.theory.high]).toEqual([true, 0]);
    expect(losses).toHaveLength(series.filter(({ theory }) => theory.low > 0).length);
    expect(compareCells(none, series).filter(({ change }) => change === 'gained')).toHaveLength(losses.length);
    // 1 and 13/14.
    const redrawn = compareCells(series, few('tag-on-free')).filter(isLoss);
    expect(redrawn.map(({ from }) => from.bug)).toContain('use after free, at once');
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
    const before = cellsOf('before-series');
    for (const name of ['series', 'none', 'tag-only-on-alloc', 'tag-on-free', 'default-untagged', 'sample=10,order=3'])
      expect([name, cellsOf(name)]).toEqual([name, before]);
    expect(wrong(before)).toEqual([]);
  });
});

test('the same seed gives the same result', () => {
  const run = () => audit(options(builtIn('series'), '', { only: 'kmalloc-large', trials: 50 }));
  expect(run()).toEqual(run());
});

describe('a policy that looks at more than the class', () => {
  const skipping = (match: PolicyMatch): Policy => ({
    ...builtIn('all'),
    name: 'skipping',
    rules: [{ match, action: 'skip' }],
    otherwise: 'tag',
  });
  const detected = (match: PolicyMatch, subject: string): (readonly [number, number])[] =>
    audit(options(skipping(match), '', { trials: 20 }))
      .filter((cell) => cell.subject === subject && cell.bug === 'use after free, at once' && cell.access === 'write')
      .map(({ theory, agrees }) => {
        expect(agrees).toBe(true);
        return [theory.low, theory.high];
      });

  test.each([
    ['order', { order: { min: 2 } }],
    ['one order', { order: { min: 3, max: 3 } }],
    ['call site', { site: ['*'] }],
    ['function', { function: ['start_kernel'] }],
    ['command', { comm: ['bench'] }],
    ['mask', { gfp: ['__GFP_COMP'] }],
    ['pages of slabs', { class: ['slab-page'] }],
  ] as const satisfies readonly (readonly [string, PolicyMatch])[])(
    'the rules and the model ask it the same: %s',
    (_what, match) => {
      expect(wrong(audit(options(skipping(match), '', { trials: 20 })))).toEqual([]);
    },
  );

  test('blocks of pages are asked for at their own order, large kmallocs too', () => {
    const match = { order: { min: 3 } };
    expect(detected(match, 'block of 8 pages')).toEqual([[0, 0]]);
    expect(detected(match, 'kmalloc(20000)')).toEqual([[0, 0]]);
    expect(detected(match, 'block of pages, as large as a stack')).toEqual([[1, 1]]);
    expect(detected(match, 'page')).toEqual([[1, 1]]);
  });

  test('objects whose slab was left alone have no tag of their own if they keep it for its life', () => {
    expect(detected({ class: ['slab-page'] }, 'object of 200 with a constructor')).toEqual([[0, 0]]);
    expect(detected({ class: ['slab-page'] }, 'slab object of 200')).toEqual([[1, 1]]);
  });
});
