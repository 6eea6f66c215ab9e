import { audit, cellCount, type AuditCell, type AuditOptions } from '../audit/audit.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import { advise, candidates, freePolicy, type JudgedCandidate } from '../decide/advise.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import type { Policy } from '../policy/policy.ts';
import { ADVISE_WRITERS } from '../report/advise-writers.ts';
import { formatsOf, jsonText } from '../report/writers.ts';
import { analyze } from '../result/analyze.ts';
import { adviseCommand } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseModelOptions, printWarnings } from './model-options.ts';
import { parseReplayOptions, settingsFor, type RawOptions } from './options.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { createProgress } from './progress.ts';
import { readTrace } from './read-trace.ts';
import { mayOverwrite, openOutput, resultSink, writeWhole } from './result-output.ts';
import { stepThrough } from './step-through.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';
import { wholeNumber } from './whole-number.ts';

/** The options of `advise`, as the command line has them. */
export interface RawAdviseOptions extends RawOptions {
  readonly trials?: string;
  readonly writePolicy?: string;
}

export const ADVISE_POLICY = 'series';
const DEFAULT_TRIALS = '50';
const MAX_TRIALS = 1_000_000;

/** `tagscope advise TRACE`: call sites that could be left untagged, what that saves, and what it would lose. */
export async function runAdvise(file: string, raw: RawAdviseOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const trials = wholeNumber('--trials', raw.trials ?? DEFAULT_TRIALS, 1, MAX_TRIALS);
  const model = parseModelOptions({
    color: raw.color,
    ...(raw.cmdline === undefined ? {} : { cmdline: raw.cmdline }),
    ...(raw.cpu === undefined ? {} : { cpu: raw.cpu }),
  });
  const inForce = await policyOption(raw.policy ?? ADVISE_POLICY);
  const profile = await profileOption(raw.profile, settings.cpu);
  const overwrite =
    raw.writePolicy !== undefined && (await mayOverwrite('--write-policy', raw.writePolicy, raw.force === true));
  const output = await openOutput(raw, surroundings, formatsOf(ADVISE_WRITERS));
  const sink = resultSink(output, ADVISE_WRITERS, outputOptions(output, settings, raw, surroundings));
  printWarnings(model, surroundings);

  const progress = createProgress(surroundings, raw.quiet === true);
  const command = adviseCommand(file, raw);
  const audits = new Map<string, Promise<AuditCell[]>>();
  const audited = (policy: Policy, only: AllocationClass | undefined): Promise<AuditCell[]> => {
    const key = JSON.stringify([policy, only]);
    const options: AuditOptions = { config: model.config, cpu: model.cpu, policy, seed: model.seed, trials, only };
    const shown = { name: policy.name, count: cellCount(options), unit: 'kinds of bug', quiet: raw.quiet === true };
    const cells = audits.get(key) ?? stepThrough(audit(options), shown, surroundings);
    audits.set(key, cells);
    return cells;
  };
  const auditedAll = async (policy: Policy, classes: readonly AllocationClass[]): Promise<AuditCell[]> => {
    const cells: AuditCell[] = [];
    for (const only of classes.length === 0 ? [undefined] : classes) cells.push(...(await audited(policy, only)));
    return cells;
  };
  try {
    const { table, source } = await readTrace(file, settings, surroundings, progress);
    const replayed = (policy: Policy, lifetimes: boolean) => {
      progress.say(`${file}: replaying under ${policy.name}`);
      const fitting = settingsFor(settings, raw, table.recording);
      return analyze(table, source, { ...fitting, policy, profile, lifetimes, command, version: version() });
    };
    const report = replayed(inForce, true);
    const judged: JudgedCandidate[] = [];
    for (const candidate of candidates(report, inForce)) {
      const { policy, classes } = candidate.audited;
      const after = replayed(candidate.policy, false);
      progress.end();
      const cells = { from: await auditedAll(inForce, classes), to: await auditedAll(policy, classes) };
      judged.push({ candidate, report: after, cells });
    }
    progress.end();
    const result = advise(
      report,
      judged,
      {
        kasan: 'hw-tags',
        pageSize: model.config.pageSize,
        bootMessage: bootMessage(model.config),
        trials,
        seed: model.seed,
      },
      command,
    );
    await sink.add(result);
    await sink.end();
    if (raw.writePolicy !== undefined)
      await writePolicy(raw.writePolicy, overwrite, freePolicy(result, inForce), surroundings);
    return EXIT.ok;
  } finally {
    progress.end();
  }
}

/** Writes the policy in force with the advice that loses nothing, to be named by --policy and --to. */
async function writePolicy(
  path: string,
  overwrite: boolean,
  policy: Policy | undefined,
  { stderr }: Pick<Surroundings, 'stderr'>,
): Promise<void> {
  if (policy === undefined) {
    stderr.write(`${path}: not written, since all that is advised loses detection\n`);
    return;
  }
  await writeWhole('--write-policy', path, jsonText(policy), overwrite);
  stderr.write(`${path}: written. Use it with --policy ${path} or --to ${path}.\n`);
}
