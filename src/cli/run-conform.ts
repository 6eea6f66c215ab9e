import { UsageError } from '../base/errors.ts';
import { versionText } from '../base/kernel-version.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import { pageSizeName } from '../kasan/page-sizes.ts';
import { readSuiteLog, type SuiteLog } from '../conform/against-log.ts';
import type { SuiteResult } from '../conform/harness.ts';
import { caseLines, headLines, tailLines } from '../conform/ktap.ts';
import { conforms, runKasanTests, testAgainstLog, testManySeeds, testUnderPolicy } from '../jobs/conform.ts';
import { renderAgainstLog, renderSeeds } from '../report/conform-text.ts';
import { renderPolicyCases } from '../report/policy-cases-text.ts';
import { modelPolicyOption } from './policy-option.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { CONFORM, POLICY_SEEDS, SEEDS, type ConformOptions } from '../options/commands/conform.ts';
import { modelledRelease } from '../options/kernel-options.ts';
import { parseModelOptions } from '../options/model-options.ts';
import { numberOf } from '../options/read-option.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { printWarnings } from './print-warnings.ts';
import { monitored } from './monitor.ts';
import { openOutput, type ResultOutput } from './result-output.ts';
import { jsonText } from '../report/writers.ts';
import { readText } from './read-text.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** Enough for a report that needs a coincidence of one in a hundred to be there. */
const AGAINST_SEEDS = 600;
/** A console log of the whole suite is half a megabyte. */
const MAX_LOG_BYTES = 64 << 20;

/** `tagscope conform`: the kernel's own KASAN tests on the model. */
export async function runConform(raw: ConformOptions, surroundings: Surroundings): Promise<ExitCode> {
  if (raw.policy !== undefined) return runPolicy(raw, raw.policy, surroundings);
  if (raw.against !== undefined) return runAgainst(raw, raw.against, surroundings);
  if (raw.seeds !== undefined) return runSeeds(raw, surroundings);
  const settings = parseModelOptions(raw);
  const output = await openOutput(CONFORM, raw, surroundings);
  printWarnings(settings, surroundings);
  const command = reproducingCommand(CONFORM, [], raw);
  const { suite, result } = runKasanTests({ ...settings, command });
  const text =
    output.format === 'json'
      ? jsonText(result)
      : ktap(suite, [command, bootMessage(settings.config) ?? ''], raw.reports === true);
  await output.write(text);
  await output.finish();
  return codeOf(result);
}

const codeOf = (result: Parameters<typeof conforms>[0]): ExitCode => (conforms(result) ? EXIT.ok : EXIT.failed);

/** The results as KTAP, with remarks behind its first line. */
function ktap(suite: SuiteResult, remarks: readonly string[], withReports: boolean): string {
  const [version, ...head] = headLines(suite.cases.length);
  const cases = suite.cases.flatMap((result, index) => caseLines(result, index + 1, withReports));
  const lines = [version, ...remarks.map((remark) => `# ${remark}`), ...head, ...cases, ...tailLines(suite)];
  return `${lines.join('\n')}\n`;
}

/** With --seeds: what chance decides, predicted and observed. */
async function runSeeds(raw: ConformOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseModelOptions(raw);
  const count = numberOf(SEEDS, raw) ?? 1;
  const output = await openOutput(CONFORM, raw, surroundings);
  printWarnings(settings, surroundings);
  const command = reproducingCommand(CONFORM, [], raw);
  const result = await monitored(raw, surroundings, (monitor) =>
    testManySeeds({ ...settings, count, command }, monitor),
  );
  await finish(output, raw, surroundings, result, renderSeeds);
  return codeOf(result);
}

/** With --policy: which cases go otherwise than on the kernel as it is. */
async function runPolicy(raw: ConformOptions, nameOrFile: string, surroundings: Surroundings): Promise<ExitCode> {
  const other = raw.against === undefined ? (raw.reports === true ? '--reports' : undefined) : '--against';
  if (other !== undefined) {
    throw new UsageError(
      `--policy with ${other}`,
      '--policy sets the cases of the model under two policies side by side; give it with --seeds, or alone.',
    );
  }
  const settings = parseModelOptions(raw);
  const policy = await modelPolicyOption(nameOrFile);
  const count = numberOf(SEEDS, raw) ?? POLICY_SEEDS;
  const output = await openOutput(CONFORM, raw, surroundings);
  printWarnings(settings, surroundings);
  const command = reproducingCommand(CONFORM, [], raw);
  const result = await monitored(raw, surroundings, (monitor) =>
    testUnderPolicy(policy, { ...settings, count, command }, monitor),
  );
  await finish(output, raw, surroundings, result, renderPolicyCases);
  return codeOf(result);
}

/** With --against: a log of a real kernel beside the model. */
async function runAgainst(raw: ConformOptions, path: string, surroundings: Surroundings): Promise<ExitCode> {
  const log = readSuiteLog((await readText(path, { what: 'a log', limit: MAX_LOG_BYTES }, surroundings)).split('\n'));
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
  const output = await openOutput(CONFORM, raw, surroundings);
  printWarnings(settings, surroundings);
  const command = reproducingCommand(CONFORM, [], { ...raw, seeds: `${count}` });
  const result = await monitored(raw, surroundings, (monitor) =>
    testAgainstLog({ name: path, log }, { ...settings, count, command }, monitor),
  );
  await finish(output, raw, surroundings, result, renderAgainstLog);
  return codeOf(result);
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

async function finish<Result>(
  output: ResultOutput,
  raw: ConformOptions,
  surroundings: Surroundings,
  result: Result,
  render: (result: Result, options: ReturnType<typeof textOptions>) => string,
): Promise<void> {
  const options = textOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  await output.write(output.format === 'json' ? jsonText(result) : render(result, options));
  await output.finish();
}
