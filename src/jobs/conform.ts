import { bootMessage } from '../kasan/boot-message.ts';
import { compareWithLog, isExplained, type AgainstLog, type SuiteLog } from '../conform/against-log.ts';
import { conform, conformResult, type ConformOptions, type ConformResult } from '../conform/conform.ts';
import type { SuiteResult } from '../conform/harness.ts';
import { conformOverSeeds, type SeedsResult } from '../conform/many-seeds.ts';
import { conformUnderPolicy, isWorse, type PolicyCases } from '../conform/policy-cases.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { policySites } from '../workload/policy-sites.ts';
import { watched, type Monitor, type Part } from './monitor.ts';

/** A kernel that runs its KASAN tests. `seed` is the first, where there are several. */
export interface ConformSettings extends ConformOptions {
  /** The command line that gives the result again. */
  readonly command: string;
}

/** The same with several seeds. */
export interface SeedsSettings extends ConformSettings {
  readonly count: number;
}

/** The kernel's KASAN tests on the model: its result, and what KTAP is made of. */
export function runKasanTests({ command, ...options }: ConformSettings): {
  readonly suite: SuiteResult;
  readonly result: ConformResult;
} {
  const suite = conform(options);
  return { suite, result: conformResult(options, suite, command) };
}

/** The tests with many seeds: what chance decides, predicted and observed. */
export async function testManySeeds(
  { command, count, ...options }: SeedsSettings,
  monitor: Monitor,
): Promise<SeedsResult> {
  const cases = await watched(conformOverSeeds(options, count), seeds(count), monitor);
  return { schema: 'tagscope.conform-seeds', version: 1, command, seeds: { first: options.seed, count }, cases };
}

/** The tests under a policy: which of them go otherwise than on the kernel as it is. */
export async function testUnderPolicy(
  policy: Policy,
  { command, count, ...options }: SeedsSettings,
  monitor: Monitor,
): Promise<PolicyCases> {
  const { config, cpu, seed } = options;
  const of = { sites: policySites(config, policy), changes: kasanChanges(policy) };
  const cases = await watched(conformUnderPolicy({ config, cpu, seed }, of, count), seeds(count), monitor);
  return {
    schema: 'tagscope.conform-policy',
    version: 1,
    command,
    policy: policy.name,
    kasan: config.build,
    bootMessage: bootMessage(config),
    cpu: cpu.name,
    seeds: { first: seed, count },
    cases,
    changed: cases.filter(({ change }) => change !== 'same').length,
  };
}

/** The log of a kernel that ran the tests. */
export interface NamedLog {
  readonly name: string;
  readonly log: SuiteLog;
}

/** What a real kernel printed beside what the model prints. @param cmdline boot parameters of the model */
export async function testAgainstLog(
  { name, log }: NamedLog,
  { command, count, cmdline, ...options }: SeedsSettings & { readonly cmdline: string },
  monitor: Monitor,
): Promise<AgainstLog> {
  const cases = await watched(compareWithLog(log.cases, options, count), seeds(count), monitor);
  return {
    schema: 'tagscope.conform-against',
    version: 1,
    command,
    log: name,
    commandLine: cmdline,
    seeds: { first: options.seed, count },
    brokenReports: log.broken,
    cases,
  };
}

const seeds = (count: number): Part => ({ what: 'conform', count, unit: 'seeds' });

/** What any of these ends in. */
export type ConformedResult = ConformResult | SeedsResult | PolicyCases | AgainstLog;

/** Whether all cases go as they may. */
export function conforms(result: ConformedResult): boolean {
  switch (result.schema) {
    case 'tagscope.conform':
      return result.totals.fail === 0;
    case 'tagscope.conform-seeds':
      return result.cases.every(({ agrees }) => agrees);
    case 'tagscope.conform-policy':
      return !result.cases.some(({ change }) => isWorse(change));
    case 'tagscope.conform-against':
      return result.cases.every(isExplained);
  }
}
