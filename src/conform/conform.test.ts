import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { realLog, REAL_LOGS } from '../../test/real-logs.testdata.ts';
import { inOneGo } from '../base/steps.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig, type KasanBuild } from '../kasan/kernel-config.ts';
import { formatReport } from '../kasan/report/format.ts';
import { parseReports } from '../kasan/report/parse.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { compareWithLog, readSuiteLog } from './against-log.ts';
import { conform, type ConformOptions } from './conform.ts';
import { totalsOf, type Outcome } from './harness.ts';
import { ktapLines } from './ktap.ts';
import { kunitRuns } from '../../test/kunit-runs.testdata.ts';
import { conformOverSeeds } from './many-seeds.ts';
import { kasanSuite, releaseOfCases } from './suite.ts';

const options = (commandLine = '', seed = 1): ConformOptions => ({
  config: parseBootParameters(commandLine, defaultKernelConfig()).config,
  cpu: cpuProfile('max'),
  seed,
});

const KASAN_SUITE = kasanSuite({ major: 7, minor: 3 });
const RUNS = kunitRuns();
const MODES = ['sync', 'async'] as const;
const SEEDS = 150;
const overSeeds = Object.fromEntries(
  MODES.map((mode) => [mode, inOneGo(conformOverSeeds(options(`kasan.mode=${mode}`), SEEDS))]),
);

describe('the suite', () => {
  test('has the 76 cases of the kernel, in its order', () => {
    expect(KASAN_SUITE.map(({ name }) => name)).toEqual([...RUNS[0].cases.keys()]);
    expect(KASAN_SUITE.length).toBe(76);
  });
});

describe('the suite of 6.12 (cases/kunit/linux-6.12.tsv: a run of 6.12.117)', () => {
  const file = new URL('../../cases/kunit/linux-6.12.tsv', import.meta.url);
  const logged = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const version = { major: 6, minor: 12 };
  const { config } = options('kasan.mode=sync');
  const kernel = { ...options('kasan.mode=sync'), config: { ...config, version } };

  test('has 72 cases, in its order', () => {
    expect(kasanSuite(version).map(({ name }) => name)).toEqual(logged.map(([name]) => name));
    expect(logged).toHaveLength(72);
  });

  test('goes as in the kernel, but for what chance hides', () => {
    const seen = inOneGo(conformOverSeeds(kernel, 30));
    for (const [index, [name, outcome]] of logged.entries()) {
      const { always, failed } = seen[index];
      // What may fail by chance did not in the run that was logged.
      expect({ name, outcome: always ?? (failed.share < 1 ? 'pass' : 'fail') }).toEqual({ name, outcome });
    }
  });

  test('with as many reports', () => {
    const best = new Map<string, number>();
    for (let seed = 0; seed < 5; seed++)
      for (const { name, reports } of conform({ ...kernel, seed }).cases)
        best.set(name, Math.max(best.get(name) ?? 0, reports.length));
    expect(Object.fromEntries(best)).toEqual(
      Object.fromEntries(logged.map(([name, , count]) => [name, Number(count)])),
    );
  });

  test('a log tells its release and pages, or its tests tell the release', () => {
    const lines = [
      'Linux version 6.12.117 (gcc 12)',
      'Dentry cache hash table entries: 131072 (order: 8, 4194304 bytes, linear)',
    ];
    expect(readSuiteLog(lines)).toMatchObject({ version, pageSize: 16384 });
    expect(releaseOfCases(kasanSuite(version).map(({ name }) => name))).toEqual(version);
    expect(releaseOfCases(KASAN_SUITE.map(({ name }) => name))).toEqual({ major: 7, minor: 3 });
    expect(releaseOfCases(['kmalloc_oob_right'])).toBeUndefined();
  });
});

describe('pages of 16 and 64 KiB', () => {
  test.each([16384, 65536])('%i bytes: the cases go as with 4 KiB, but for what chance hides', (pageSize) => {
    const outcomes = (size: number) =>
      inOneGo(conformOverSeeds({ config: defaultKernelConfig(size), cpu: cpuProfile('max'), seed: 1 }, 15)).map(
        ({ name, always }) => [name, always ?? 'chance'] as const,
      );
    const larger = new Map(outcomes(pageSize));
    for (const [name, outcome] of outcomes(4096))
      if (outcome !== 'chance' && larger.get(name) !== 'chance')
        expect([name, larger.get(name)]).toEqual([name, outcome]);
  });
});

describe.each(MODES)('24 runs of a real kernel (cases/kunit), those in mode %s', (mode) => {
  const runs = RUNS.filter((run) => run.mode === mode);

  test('what no chance decides goes as in every real run: passes, skips, and failures too', () => {
    for (const { name, always } of overSeeds[mode]) {
      if (always === undefined) continue;
      expect({ name, outcomes: runs.map(({ cases }) => cases.get(name)?.outcome) }).toEqual({
        name,
        outcomes: runs.map(() => always),
      });
    }
  });

  test('what differs from run to run in the kernel depends on chance in the model', () => {
    const differs = KASAN_SUITE.map(({ name }) => name).filter(
      (name) => new Set(runs.map(({ cases }) => cases.get(name)?.outcome)).size > 1,
    );
    const chance = overSeeds[mode].filter(({ always }) => always === undefined).map(({ name }) => name);
    expect(chance).toEqual(expect.arrayContaining(differs));
  });

  test('chance fails as often as the rules say, in the model and in the kernel', () => {
    for (const { name, always, predicted, agrees } of overSeeds[mode]) {
      expect({ name, agrees }).toEqual({ name, agrees: true });
      if (always !== undefined) continue;
      expect(predicted).toBeGreaterThan(0.03);
      expect(predicted).toBeLessThanOrEqual(1 / 14 + 1e-9);
      const failed = runs.filter(({ cases }) => cases.get(name)?.outcome === 'fail').length;
      // The probability that as many fail by chance; one in a thousand would be too little.
      expect({ name, plausible: atLeast(failed, runs.length, predicted) > 0.001 }).toEqual({ name, plausible: true });
    }
  });

  test('as many reports as in the real runs', () => {
    const modelled = conform(options(`kasan.mode=${mode}`)).cases;
    for (const { cases } of runs) {
      for (const { name, outcome, reports } of modelled) {
        const real = cases.get(name);
        // A miss by chance makes one report less.
        if (real?.outcome === outcome)
          expect({ name, reports: reports.length }).toEqual({ name, reports: real.reports });
      }
    }
  });
});

/** The probability of `count` or more of `of`. */
function atLeast(count: number, of: number, probability: number): number {
  let sum = 0;
  let term = (1 - probability) ** of;
  for (let k = 0; k < count; k++) {
    sum += term;
    term *= ((of - k) / (k + 1)) * (probability / (1 - probability));
  }
  return 1 - sum;
}

describe.each(REAL_LOGS)('the reports of $name', ({ name }) => {
  const log = readSuiteLog(realLog(name));
  const compared = inOneGo(compareWithLog(log.cases, options(log.commandLine?.match(/kasan\S*/g)?.join(' ')), SEEDS));
  const reports = compared.flatMap((one) => one.reports.map((report) => ({ name: one.name, ...report })));

  test('title, access, tags, object, stacks, page and memory: all but a few are equal to one of the model', () => {
    const missing = reports.filter(({ equal }) => equal === 0);
    // What those few show beside the object is a coincidence that so few seeds need not have.
    expect(missing.length).toBeLessThanOrEqual(4);
    for (const report of missing) expect(BESIDE).toContain(report.name);
  });

  test('the access of each, and the reports that show only the own object, are equal in every seed', () => {
    for (const report of reports) {
      if (BESIDE.includes(report.name)) continue;
      expect({ name: report.name, never: report.never }).toEqual({ name: report.name, never: [] });
      expect(report.reported).toBe(SEEDS);
    }
  });
});

/** Cases with a step that goes on to memory of somebody else (kunit.md section 5). */
const BESIDE = [
  'kmalloc_oob_right',
  'kmalloc_oob_left',
  'kmalloc_node_oob_right',
  'page_alloc_oob_right',
  'kmalloc_memmove_invalid_size',
  'kasan_memchr',
  'kasan_memcmp',
  'kasan_strings',
  'mempool_slab_oob_right',
];

describe('modes that no recording has (checks_and_reports.md section 1, kunit.md)', () => {
  const outcomes = (commandLine: string) =>
    new Map(conform(options(commandLine)).cases.map(({ name, outcome, reports }) => [name, { outcome, reports }]));

  test('asymm: reads are reported at once with their address, writes later without', () => {
    const cases = outcomes('kasan.mode=asymm');
    expect(cases.get('kmalloc_uaf')?.reports.map(({ kind }) => kind)).toEqual(['access']);
    expect(cases.get('kmalloc_big_oob_right')?.reports.map(({ kind }) => kind)).toEqual(['async']);
    expect(cases.get('kasan_strings')?.outcome).toBe('fail');
  });

  test('write_only: no read is reported, and the tests know it', () => {
    const cases = outcomes('kasan.write_only=on');
    expect(cases.get('kmalloc_uaf')).toEqual({ outcome: 'pass', reports: [] });
    expect(cases.get('kmalloc_big_oob_right')?.reports.length).toBe(1);
    const failed = [...cases].filter(([, { outcome }]) => outcome === 'fail').map(([name]) => name);
    expect(failed).toEqual([]);
  });

  test('kasan.vmalloc=off: the vmalloc tests are skipped with the kernel’s reason', () => {
    const { cases } = conform(options('kasan.vmalloc=off'));
    const skipped = cases.filter(({ reasons }) => reasons.includes('Test requires kasan.vmalloc=on'));
    expect(skipped.map(({ name }) => name)).toEqual(['vmalloc_helpers_tags', 'vmalloc_oob']);
  });

  test('kasan.page_alloc.sample: blocks of order 3 and more may be untagged, and their tests fail', () => {
    const cases = outcomes('kasan.page_alloc.sample=1000');
    expect(cases.get('page_alloc_uaf')?.outcome).toBe('fail');
    expect(cases.get('mempool_page_alloc_uaf')?.outcome).toBe('pass');
  });

  test('kasan.stacktrace=off: the types that need the stack ring are not known', () => {
    for (const { reports } of conform(options('kasan.stacktrace=off')).cases) {
      for (const { bugType } of reports) expect(['invalid-access', 'invalid-free', 'double-free']).toContain(bugType);
    }
  });

  test('kasan.fault=panic: the kernel stops at the first report, and says so', () => {
    const { cases, panic } = conform(options('kasan.fault=panic'));
    expect(cases.length).toBe(1);
    expect(panic).toContain('kasan.fault=panic');
    expect(ktapLines({ cases, panic }, 76, false)).toContain(`Bail out! ${panic}`);
  });
});

describe('the software builds (kunit.md section 4)', () => {
  const cases = (build: KasanBuild) => {
    const config = defaultKernelConfig(4096, build);
    return conform({ config, cpu: cpuProfile('max'), seed: 1 }).cases;
  };
  const namesOf = (build: KasanBuild, outcome: Outcome) =>
    cases(build)
      .filter((result) => result.outcome === outcome)
      .map(({ name }) => name);
  const numbered = (...numbers: readonly number[]) => numbers.map((number) => KASAN_SUITE[number - 1].name);

  test('generic, by GCC: the cases that are skipped', () => {
    expect(namesOf('generic', 'skip')).toEqual(numbered(9, 28, 40, 57, 65, 67, 69, 70, 71, 72, 73, 75));
  });

  test('SW_TAGS: the cases that are skipped', () => {
    expect(namesOf('sw-tags', 'skip')).toEqual(numbered(16, 26, 29, 40, 56, 57, 59, 60, 64, 75));
  });

  // Section 5: strscpy loads words by inline assembly, which no compiler instruments.
  test.each(['sw-tags', 'generic'] as const)('%s: only kasan_strings fails', (build) => {
    expect(namesOf(build, 'fail')).toEqual(['kasan_strings']);
  });

  test('generic: an overflow of one byte is noticed, and bug types tell what the memory was', () => {
    const types = new Map(
      cases('generic').map(({ name, reports }) => [name, [...new Set(reports.map(({ bugType }) => bugType))]]),
    );
    expect(types.get('kmalloc_oob_right')).toEqual(['slab-out-of-bounds']);
    expect(types.get('kmalloc_memmove_negative_size')).toEqual(['out-of-bounds']);
    expect(types.get('page_alloc_uaf')).toEqual(['use-after-free']);
    expect(types.get('kasan_global_oob_right')).toEqual(['global-out-of-bounds']);
    expect(types.get('kasan_stack_oob')).toEqual(['stack-out-of-bounds']);
    expect(types.get('kasan_alloca_oob_left')).toEqual(['alloca-out-of-bounds']);
    expect(types.get('vmalloc_oob')).toEqual(['vmalloc-out-of-bounds']);
  });

  test.each(['sw-tags', 'generic'] as const)('%s: every report is read back', (build) => {
    const all = cases(build).flatMap(({ reports }) => reports);
    const text = all.flatMap(formatReport);
    const again = parseReports(text);
    expect(again.broken).toEqual([]);
    expect(again.reports.flatMap(({ report }) => formatReport(report))).toEqual(text);
    for (const report of all) expect('tags' in report).toBe(build === 'sw-tags');
  });
});

describe('output', () => {
  test('KTAP as the kernel prints it: the lines of a real run, but for the text of the failure', () => {
    // That run had no miss by chance; a seed of the model that has none either must print the same.
    const suite = [1, 2, 3, 4, 5, 6, 7, 8, 9]
      .map((seed) => conform(options('', seed)))
      .find(({ cases }) => totalsOf(cases).fail === 1);
    if (suite === undefined) throw new Error('no seed without a miss');
    const real = realLog('patched-sync-max')
      .map((line) => line.replace(/^\[ *\d+\.\d+\] ?/, ''))
      .filter((line) => /^(?: {4})?(?:not )?ok \d+ |^ {4}1\.\.76|^ {4}# Subtest|^# (?:kasan|Totals):/.test(line));
    const lines = ktapLines(suite, 76, false);
    for (const line of real) expect(lines).toContain(line);
  });

  test('every report that is printed is read back by the parser of real logs', () => {
    for (const mode of ['sync', 'async', 'asymm']) {
      const suite = conform(options(`kasan.mode=${mode}`));
      const reports = suite.cases.flatMap((result) => result.reports);
      const again = parseReports(ktapLines(suite, 76, true));
      expect(again.broken).toEqual([]);
      expect(again.reports.flatMap(({ unread }) => unread)).toEqual([]);
      expect(again.reports.map(({ report }) => formatReport(report))).toEqual(reports.map(formatReport));
    }
  });

  test('the same seed gives the same output, to the last tag', () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const lines = () => ktapLines(conform(options('', seed)), 76, true);
        expect(lines()).toEqual(lines());
      }),
      { numRuns: 5 },
    );
  });
});
