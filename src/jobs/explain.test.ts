import { describe, expect, test } from 'vitest';
import { audit, type AuditCell } from '../audit/audit.ts';
import { INJECTIONS } from '../audit/injection.ts';
import type { Memory } from '../audit/memory.ts';
import { SUBJECTS } from '../audit/subject.ts';
import type { Share } from '../base/share.ts';
import { inOneGo } from '../base/steps.ts';
import type { CaughtChange } from '../explain/result.ts';
import { PolicyRules, verdictOf } from '../explain/verdicts.ts';
import { GENERIC_PAGE, GENERIC_STACK, HARDWARE } from '../kasan/report/logs.testdata.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU } from '../mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { builtInPolicy } from '../policy/named.ts';
import type { Policy } from '../policy/policy.ts';
import { explainResult, missesAny, onModel, readLogs } from './explain.ts';

const named = (name: string): Policy => {
  const policy = builtInPolicy(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
};

const OPTIONS = {
  policies: [named('series'), named('tag-only-on-alloc'), named('tag-on-free')],
  from: undefined,
  beforeSeries: named('before-series'),
  series: named('series'),
};

/** The bytes of lines, in pieces of a size. */
function* pieces(lines: readonly string[], size: number): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const NOISE = Array.from({ length: 50 }, (_, index) => `[    ${index}.000000] usb 1-${index}: new device KASAN`);
const LOG = [...NOISE, 'Linux version 6.6.9 (a@b) #1', ...HARDWARE, ...NOISE, ...GENERIC_PAGE, ...NOISE];

describe('logs are read in pieces', () => {
  test.each([1, 7, 64, 4096, 1 << 20])('of %d bytes: the same reports at the same lines', async (size) => {
    const { reports, logs } = await readLogs([{ name: 'a', chunks: pieces(LOG, size) }], OPTIONS);
    const titles = LOG.flatMap((line, index) => (line.startsWith('BUG: KASAN') ? [index + 1] : []));
    expect(reports.map(({ explained }) => explained.report.line)).toEqual(titles.slice(0, 2));
    expect(logs).toMatchObject([{ name: 'a', end: { lines: LOG.length, titles: 3, isBinary: false } }]);
    expect(reports.map(({ explained }) => explained.report.unread)).toEqual([[], []]);
  });

  test.each(['utf-16le', 'utf-16be'] as const)(
    'in %s, as shells of Windows write it, cut anywhere',
    async (encoding) => {
      const text = `\ufeff${LOG.join('\r\n')}\r\n`;
      const bytes = new Uint8Array(text.length * 2);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), encoding === 'utf-16le');
      for (const size of [1, 333, bytes.length]) {
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const { reports, logs } = await readLogs([{ name: 'a', chunks }], OPTIONS);
        expect(logs[0].end).toMatchObject({ lines: LOG.length, titles: 3, isBinary: false, bytes: bytes.length });
        expect(reports.map(({ explained }) => explained.report.class)).toEqual(['slab-object', 'kmalloc-large']);
      }
    },
  );

  test('a line without an end does not grow', async () => {
    const chunks = Array.from({ length: 200 }, () => new Uint8Array(1 << 16).fill(120));
    const { logs } = await readLogs([{ name: 'a', chunks }], OPTIONS);
    expect(logs[0].end).toMatchObject({ lines: 1, bytes: 200 << 16 });
  });

  test('what no text has is seen', async () => {
    const { logs } = await readLogs([{ name: 'a', chunks: [new Uint8Array([0x7f, 69, 76, 70, 0, 1])] }], OPTIONS);
    expect(logs[0].end.isBinary).toBe(true);
  });
});

describe('many reports together', () => {
  const resultOf = async (...logs: readonly (readonly string[])[]) => {
    const inputs = logs.map((lines, index) => ({ name: `log${index}`, chunks: pieces(lines, 512) }));
    const read = await readLogs(inputs, OPTIONS);
    return explainResult(read, inOneGo(onModel(read, 20)), { command: 'tagscope explain', shows: 'summary' });
  };

  test('a bug counts once, however often it is reported', async () => {
    const { reports, summary } = await resultOf(HARDWARE, [...HARDWARE, ...GENERIC_PAGE], GENERIC_STACK, ['nothing']);
    expect(reports.map(({ duplicateOf }) => duplicateOf)).toEqual([null, 'log0:2', null, null]);
    expect(summary).toMatchObject({ logs: 4, logsWithoutReport: ['log3'], reports: 4, distinct: 3, duplicates: 1 });
    const policy = summary.policies.find((row) => row.policy === 'tag-only-on-alloc');
    expect(policy).toMatchObject({ kept: 0, less: 0, missed: 2, undecidable: 0, never: 1 });
    expect(policy?.missedTitles).toHaveLength(2);
    expect(summary.byClass.map(({ name, count }) => [name, count])).toEqual([
      ['kernel-stack', 1],
      ['kmalloc-large', 1],
      ['slab-object', 1],
    ]);
    expect(summary.byKind[0]).toMatchObject({ name: 'use after free, at once', count: 2, reads: 2 });
  });

  test('a policy misses bugs, or only notices them less surely', async () => {
    const result = await resultOf(HARDWARE);
    expect(missesAny(result, 'tag-only-on-alloc')).toBe(true);
    expect(missesAny(result, 'tag-on-free')).toBe(false);
    expect(missesAny(result, 'series')).toBe(false);
  });

  test('the model runs what it can, and agrees', async () => {
    const { reports } = await resultOf(HARDWARE, GENERIC_PAGE, GENERIC_STACK);
    expect(reports.map(({ model }) => model)).toMatchObject([
      { detected: { count: 20, of: 20 }, agrees: true },
      { detected: { count: 20, of: 20 }, agrees: true },
      { detected: { count: 0, of: 20 }, agrees: true },
    ]);
  });

  test('a log that begins within a report says so, and where', async () => {
    const rows = HARDWARE.findIndex((line) => line.startsWith('Memory state'));
    const { unreadTitles, reports } = await resultOf(HARDWARE.slice(rows - 4), HARDWARE);
    expect(reports).toHaveLength(1);
    expect(unreadTitles).toMatchObject([
      {
        log: 'log0',
        line: 5,
        title: 'Memory state around the buggy address:',
        reason: expect.stringContaining('title is not in the log'),
      },
    ]);
  });

  test('titles with nothing behind them are told', async () => {
    const { unreadTitles } = await resultOf(['I saw BUG: KASAN: use-after-free in f', '', 'Regards'], HARDWARE);
    expect(unreadTitles).toMatchObject([{ log: 'log0', line: 1 }]);
  });
});

describe('the verdicts are what the audit observes on the model, for every kind of bug and memory that both know', () => {
  const config = defaultKernelConfig(4096);
  // Few suffice: where the rules say 0 or 1 no trial may differ, and where they leave it to chance the audit's own tests
  // make hundreds.
  const TRIALS = 3;
  const cells = SUBJECTS.flatMap((subject) =>
    INJECTIONS.filter((injection) => injection.applies(subject, 'hw-tags')).map(({ bug, kind }) => ({
      subject: subject.name,
      bug,
      access: kind === 'free' ? ('free' as const) : ('write' as const),
    })),
  );
  const memoryOf = (name: string): Memory => {
    const subject = SUBJECTS.find((candidate) => candidate.name === name);
    if (subject === undefined) throw new Error(name);
    return subject;
  };
  const observedUnder = (policy: Policy): readonly AuditCell[] =>
    inOneGo(audit({ config, cpu: cpuProfile(DEFAULT_CPU), policy, seed: 3, trials: TRIALS, cells }));
  const own = { rules: new PolicyRules(named('series'), config), observed: observedUnder(named('series')) };

  /** What a change promises of trials that have no chance in them: under the kernel's own policy and under the other. */
  const PROMISED: { readonly [Change in CaughtChange]?: (own: Share, other: Share) => boolean } = {
    missed: (_, other) => other.count === 0,
    never: (before, other) => before.count === 0 && other.count === 0,
  };

  test.each(BUILT_IN_POLICIES)('$name', (policy) => {
    const rules = new PolicyRules(policy, config);
    const observed = observedUnder(policy);
    expect(observed).toHaveLength(cells.length);
    const wrong = observed.flatMap(({ subject, bug, access, detected, agrees }, index) => {
      const shown = { bugs: [bug], memories: [memoryOf(subject)], access };
      const verdict = verdictOf(own.rules.theory(shown), rules, shown);
      const { low, high, change } = verdict;
      const isAsRuled =
        agrees &&
        detected.of === TRIALS &&
        (low < 1 || detected.count === TRIALS) &&
        (high > 0 || detected.count === 0) &&
        (PROMISED[change]?.(own.observed[index].detected, detected) ?? true);
      return isAsRuled ? [] : [{ subject, bug, access, change, low, high, detected }];
    });
    expect(wrong).toEqual([]);
  });

  describe('reads, which differ from writes with kasan.write_only=on', () => {
    const writeOnly = { ...config, detection: { ...config.detection, writeOnly: true } };
    const reads = cells.flatMap((cell) => (cell.access === 'write' ? [{ ...cell, access: 'read' as const }] : []));
    const policy = named('series');
    const observe = (of: typeof config): readonly AuditCell[] =>
      inOneGo(audit({ config: of, cpu: cpuProfile(DEFAULT_CPU), policy, seed: 5, trials: TRIALS, cells: reads }));

    test.each([
      ['without it', config, own.rules.theory.bind(own.rules)],
      ['with it', writeOnly, own.rules.withWriteOnly.bind(own.rules)],
    ] as const)('%s', (_what, of, theory) => {
      const observed = observe(of);
      expect(observed).toHaveLength(reads.length);
      const wrong = observed.flatMap(({ subject, bug, access, detected, agrees }) => {
        const { low, high } = theory({ bugs: [bug], memories: [memoryOf(subject)], access });
        const isAsRuled = agrees && (low < 1 || detected.count === TRIALS) && (high > 0 || detected.count === 0);
        return isAsRuled ? [] : [{ subject, bug, low, high, detected }];
      });
      expect(wrong).toEqual([]);
    });

    test('with it no read of a freed object is noticed', () => {
      const byTag = observe(writeOnly).filter(({ bug }) => bug === 'use after free, at once');
      const slab = byTag.filter(({ subject }) => memoryOf(subject).class === 'slab-object');
      expect(slab.length).toBeGreaterThan(0);
      expect(slab.every(({ detected }) => detected.count === 0)).toBe(true);
    });
  });
});
