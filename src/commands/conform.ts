import { readSuiteLog, type SuiteLog } from '../conform/against-log.ts';
import type { SuiteResult } from '../conform/harness.ts';
import { UsageError } from '../base/errors.ts';
import { versionText } from '../base/kernel-version.ts';
import {
  runKasanTests,
  testAgainstLog,
  testManySeeds,
  testUnderPolicy,
  type ConformedResult,
} from '../jobs/conform.ts';
import type { Monitor } from '../jobs/monitor.ts';
import { pageSizeName } from '../kasan/page-sizes.ts';
import { CONFORM, POLICY_SEEDS, SEEDS, type ConformOptions } from '../options/commands/conform.ts';
import { modelledRelease } from '../options/kernel-options.ts';
import { parseModelOptions, type ModelSettings } from '../options/model-options.ts';
import { numberOf } from '../options/read-option.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import type { Preparation } from './context.ts';
import { withoutTrace } from './named.ts';

/** Enough for a report that needs a coincidence of one in a hundred to be there. */
const AGAINST_SEEDS = 600;

/** What came of `conform`; `suite` is what KTAP is made of, where it ran once. */
export interface Conformed {
  readonly result: ConformedResult;
  readonly suite?: SuiteResult;
}

/** `conform`, as its words ask for it. */
export interface PreparedConform {
  readonly settings: ModelSettings;
  run(monitor: Monitor): Promise<Conformed>;
}

/** @throws UsageError, InputError for words that make no sense */
export function prepareConform(raw: ConformOptions, prepared: Preparation): Promise<PreparedConform> {
  if (raw.policy !== undefined) return underPolicy(raw, raw.policy, prepared);
  if (raw.against !== undefined) return againstLog(raw, raw.against, prepared);
  const settings = parseModelOptions(raw);
  const command = reproducingCommand(CONFORM, [], raw);
  const count = numberOf(SEEDS, raw);
  return Promise.resolve({
    settings,
    run: async (monitor) =>
      count === undefined
        ? runKasanTests({ ...settings, command })
        : { result: await testManySeeds({ ...settings, count, command }, monitor) },
  });
}

/** With --policy: which cases go otherwise than on the kernel as it is. */
async function underPolicy(raw: ConformOptions, nameOrFile: string, prepared: Preparation): Promise<PreparedConform> {
  const other = raw.against === undefined ? (raw.reports === true ? '--reports' : undefined) : '--against';
  if (other !== undefined) {
    throw new UsageError(
      `--policy with ${other}`,
      '--policy sets the cases of the model under two policies side by side; give it with --seeds, or alone.',
    );
  }
  const settings = parseModelOptions(raw);
  const policy = withoutTrace(await prepared.policy(nameOrFile));
  const count = numberOf(SEEDS, raw) ?? POLICY_SEEDS;
  const told = { ...settings, count, command: reproducingCommand(CONFORM, [], raw) };
  return { settings, run: async (monitor) => ({ result: await testUnderPolicy(policy, told, monitor) }) };
}

/** With --against: a log of a real kernel beside the model. */
async function againstLog(raw: ConformOptions, path: string, prepared: Preparation): Promise<PreparedConform> {
  const log = readSuiteLog((await prepared.text(path, 'log')).split('\n'));
  if (log.cases.length === 0) {
    throw new UsageError(
      `--against ${path}: no results of the KASAN tests in it`,
      'Give the console log, dmesg or KTAP output of a kernel that ran the KUnit suite "kasan".',
    );
  }
  // The kernel's own parameters hold, unless others are given.
  const cmdline = raw.cmdline ?? kasanParameters(log.commandLine ?? '');
  const settings = parseModelOptions({ ...raw, ...kernelOfLog(log, raw), cmdline });
  const count = numberOf(SEEDS, raw) ?? AGAINST_SEEDS;
  const command = reproducingCommand(CONFORM, [], { ...raw, seeds: `${count}` });
  const told = { ...settings, count, command };
  return { settings, run: async (monitor) => ({ result: await testAgainstLog({ name: path, log }, told, monitor) }) };
}

/** The release and the pages of a log's kernel, unless others are given. */
function kernelOfLog(
  { version, pageSize }: SuiteLog,
  raw: ConformOptions,
): Pick<ConformOptions, 'kernel' | 'pageSize'> {
  const kernel = raw.kernel ?? (version && versionText(modelledRelease(version)));
  const pages = raw.pageSize ?? (pageSize && pageSizeName(pageSize));
  return { ...(kernel && { kernel }), ...(pages && { pageSize: pages }) };
}

/** What of a kernel's command line the model knows. */
const kasanParameters = (commandLine: string): string =>
  commandLine
    .split(/\s+/)
    .filter((word) => /^(?:kasan|init_on_)/.test(word))
    .join(' ');
