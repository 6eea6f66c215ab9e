import { formatReport } from '../kasan/report/format.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { runSuite, totalsOf, type CaseResult, type Outcome, type SuiteResult } from './harness.ts';
import { kasanSuite } from './suite.ts';
import { TestKernel } from './test-kernel.ts';

/** A kernel to run the suite on. */
export interface ConformOptions {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly seed: number;
}

/** Runs the kernel's KASAN tests on a model that is made for it. */
export const conform = (options: ConformOptions, ran?: (result: CaseResult) => void): SuiteResult =>
  runSuite(kasanSuite(options.config.version), new TestKernel(options), ran);

/** The result of a run as `--json` prints it. */
export interface ConformResult {
  readonly schema: 'tagscope.conform';
  readonly version: 1;
  readonly command: string;
  readonly kasan: KernelConfig['build'];
  readonly bootMessage: string | undefined;
  readonly cpu: string;
  readonly seed: number;
  readonly totals: { readonly [Key in Outcome]: number };
  /** The kernel's last words, if it stopped before the end. */
  readonly panic: string | undefined;
  readonly cases: readonly {
    readonly name: string;
    readonly outcome: Outcome;
    readonly reasons: readonly string[];
    /** How likely it was that chance hides what the case is about. */
    readonly missProbability: number;
    readonly reports: readonly { readonly bugType: string; readonly text: readonly string[] }[];
  }[];
}

/** A run as data. */
export function conformResult(
  { config, cpu, seed }: ConformOptions,
  { cases, panic }: SuiteResult,
  command: string,
): ConformResult {
  return {
    schema: 'tagscope.conform',
    version: 1,
    command,
    kasan: config.build,
    bootMessage: bootMessage(config),
    cpu: cpu.name,
    seed,
    totals: totalsOf(cases),
    panic,
    cases: cases.map(({ name, outcome, reasons, missProbability, reports }) => ({
      name,
      outcome,
      reasons,
      missProbability,
      reports: reports.map((report) => ({ bugType: report.bugType, text: formatReport(report) })),
    })),
  };
}
