import { KernelPanic } from '../kasan/report/reporter.ts';
import type { KasanReport } from '../kasan/report/report.ts';
import type { Pointer } from '../mte/pointer.ts';
import type { Expectations, KunitCase } from './kunit-case.ts';
import { reasonToSkip } from './requirements.ts';
import type { TestKernel, WhyUnnoticed } from './test-kernel.ts';

export type Outcome = 'pass' | 'fail' | 'skip';

/** How a case went. */
export interface CaseResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** Why it was skipped, or each expectation that failed; empty for a pass. */
  readonly reasons: readonly string[];
  /** What KASAN reported meanwhile, in order. */
  readonly reports: readonly KasanReport[];
  readonly slow: boolean;
  /**
   * How likely it was, before the case drew its tags, that a step went on to memory with the pointer's own tag, which
   * nobody can notice.
   */
  readonly missProbability: number;
  /** Steps whose report was expected and did not come, in order. */
  readonly unnoticed: readonly UnnoticedStep[];
}

/** A step that KASAN did not notice, and why by what it touched last. */
export interface UnnoticedStep {
  readonly step: string;
  readonly because: WhyUnnoticed;
}

/** How the suite went. */
export interface SuiteResult {
  readonly cases: readonly CaseResult[];
  /** The kernel's last words, if it stopped (kasan.fault=panic); cases after that did not run. */
  readonly panic: string | undefined;
}

/** An assertion failed: the case ends. */
class CaseAborted extends Error {}

/** What the suite's probe of the console saw since it was last asked (mm/kasan/kasan_test_c.c, probe_console). */
class Probe {
  readonly reports: KasanReport[] = [];
  found = false;
  async = false;

  see(report: KasanReport): void {
    this.reports.push(report);
    this.found = true;
    this.async ||= report.kind === 'async';
  }

  clear(): void {
    this.found = false;
    this.async = false;
  }
}

/** The expectations of a case that runs (mm/kasan/kasan_test_c.c: KUNIT_EXPECT_KASAN_RESULT). */
class CaseRun implements Expectations {
  readonly failures: string[] = [];
  readonly unnoticed: UnnoticedStep[] = [];
  /** How likely it was that chance lets every step notice. */
  #noticed = 1;
  readonly #kernel: TestKernel;
  readonly #probe: Probe;

  constructor(kernel: TestKernel, probe: Probe) {
    this.#kernel = kernel;
    this.#probe = probe;
  }

  get missProbability(): number {
    return 1 - this.#noticed;
  }

  readonly fail = (what: string, run: () => void, beside?: Pointer): void =>
    this.#expectReport(what, run, true, beside);

  readonly failRead = (what: string, run: () => void, beside?: Pointer): void =>
    this.#expectReport(what, run, !this.#kernel.writeOnly, beside);

  readonly expect = (what: string, holds: boolean): void => {
    if (!holds) this.failures.push(`expected, but not so: ${what}`);
  };

  readonly assert = (what: string, holds: boolean): void => {
    this.expect(what, holds);
    if (!holds) throw new CaseAborted();
  };

  #expectReport(what: string, run: () => void, expected: boolean, beside: Pointer | undefined): void {
    const { check } = this.#kernel;
    const probe = this.#probe;
    this.assert(`no report before ${what}`, !probe.found);
    if (expected && beside !== undefined) this.#noticed *= 1 - this.#kernel.collisionProbability(beside);
    const because = this.#kernel.watch(run);
    if (check.asyncFaultPossible) check.checkTfsr();
    if (expected && !probe.found) this.unnoticed.push({ step: what, because });
    if (probe.found !== expected) {
      this.failures.push(
        expected
          ? `KASAN failure expected in "${what}", but none occurred`
          : `no KASAN failure expected in "${what}", but one occurred`,
      );
    }
    if (check.syncFaultPossible && probe.found && !probe.async) check.enable();
    probe.clear();
  }

  /** mm/kasan/kasan_test_c.c:kasan_test_exit. */
  end(): void {
    this.expect('no report outside a step that expects one', !this.#probe.found);
  }
}

/**
 * Runs cases on a kernel, one after the other, as KUnit does.
 *
 * @param ran told of each case as it ends
 */
export function runSuite(
  cases: readonly KunitCase[],
  kernel: TestKernel,
  ran?: (result: CaseResult) => void,
): SuiteResult {
  const results: CaseResult[] = [];
  kernel.beginSuite();
  for (const kunitCase of cases) {
    const { name, slow = false } = kunitCase;
    const reason = reasonToSkip(kunitCase, kernel.config);
    const probe = new Probe();
    let panic: string | undefined;
    let result: CaseResult;
    if (reason === undefined) {
      kernel.onReport = (report) => probe.see(report);
      const { failures, missProbability, unnoticed } = runCase(
        kunitCase,
        kernel,
        probe,
        (message) => (panic = message),
      );
      const outcome = failures.length === 0 ? 'pass' : 'fail';
      result = { name, outcome, reasons: failures, reports: probe.reports, slow, missProbability, unnoticed };
    } else {
      result = { name, outcome: 'skip', reasons: [reason], reports: [], slow, missProbability: 0, unnoticed: [] };
    }
    results.push(result);
    ran?.(result);
    if (panic !== undefined) return { cases: results, panic };
  }
  return { cases: results, panic: undefined };
}

function runCase(kunitCase: KunitCase, kernel: TestKernel, probe: Probe, panicked: (message: string) => void): CaseRun {
  const run = new CaseRun(kernel, probe);
  try {
    kernel.asTest(kunitCase.name, () => kunitCase.run(kernel, run));
    run.end();
  } catch (error) {
    if (error instanceof KernelPanic) {
      panicked(error.message);
      run.failures.push(error.message);
    } else if (!(error instanceof CaseAborted)) throw error;
  }
  // What nobody has looked at must not be charged to the next case.
  kernel.check.enable();
  return run;
}

/** How many cases passed, failed and were skipped. */
export function totalsOf(cases: readonly CaseResult[]): { readonly [Key in Outcome]: number } {
  const count = (outcome: Outcome): number => cases.filter((result) => result.outcome === outcome).length;
  return { pass: count('pass'), fail: count('fail'), skip: count('skip') };
}
