import { resolve } from 'node:path';
import type { AuditCell } from '../audit/audit.ts';
import { UsageError } from '../base/errors.ts';
import { advise, candidates, freePolicy, type JudgedCandidate, type Outcome, type Trial } from '../decide/advise.ts';
import type { Policy } from '../policy/policy.ts';
import { ADVISE_WRITERS } from '../report/advise-writers.ts';
import { formatsOf, jsonText } from '../report/writers.ts';
import { policyFor } from '../replay/recording-kernel.ts';
import { analyze } from '../result/analyze.ts';
import type { ReportResult } from '../result/result.ts';
import { audits, type Audits } from './audits.ts';
import { adviseCommand } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { filesRead } from './files-read.ts';
import { parseReplayOptions, settingsFor, type RawOptions } from './options.ts';
import { claimOutput, type OutputFile } from './output-file.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { createProgress } from './progress.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** The options of `advise`, as the command line has them. */
export interface RawAdviseOptions extends RawOptions {
  readonly trials?: string;
  readonly writePolicy?: string;
}

const ADVISE_POLICY = 'series';

/** `tagscope advise TRACE`: call sites that could be left untagged, what that saves, and what it would lose. */
export async function runAdvise(file: string, raw: RawAdviseOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const audited = audits(raw, surroundings);
  const named = await policyOption(raw.policy ?? ADVISE_POLICY);
  const profile = await profileOption(raw.profile, settings.cpu);
  const output = await openOutput(raw, surroundings, formatsOf(ADVISE_WRITERS), [file]);
  const policyFile = policyOutput(raw, file);
  const sink = resultSink(output, ADVISE_WRITERS, outputOptions(output, settings, raw, surroundings));
  const progress = createProgress(surroundings, raw.quiet === true);
  const command = adviseCommand(file, raw);
  try {
    const { table, source } = await readTrace(file, settings, surroundings, progress);
    const fitting = settingsFor(settings, raw, table);
    const inForce = policyFor(named, table, fitting);
    const warnings = [...fitting.warnings, ...audited.doubts(fitting.config)];
    const replayed = (policy: Policy, lifetimes: boolean): ReportResult => {
      progress.say(`${file}: replaying under ${policy.name}`);
      return analyze(table, source, { ...fitting, warnings, policy, profile, lifetimes, command, version: version() });
    };
    const report = replayed(inForce, true);
    const judged: JudgedCandidate[] = [];
    for (const candidate of candidates(report, inForce)) {
      const { trial } = candidate;
      if (trial === undefined) {
        judged.push({ candidate, outcome: undefined });
        continue;
      }
      const after = replayed(trial.policy, false);
      progress.end();
      judged.push({ candidate, outcome: { report: after, cells: await auditOf(trial, inForce, audited) } });
    }
    progress.end();
    const result = advise(report, judged, audited.kernel, command);
    await sink.add(result);
    await sink.end();
    if (policyFile !== undefined) await writePolicy(policyFile, freePolicy(result, inForce), surroundings);
    return EXIT.ok;
  } finally {
    progress.end();
  }
}

/** The cells of a trial's memory, under the policy in force and under its own. */
async function auditOf(
  { audited: { policy, classes } }: Trial,
  inForce: Policy,
  audited: Audits,
): Promise<Outcome['cells']> {
  const of = async (which: Policy): Promise<AuditCell[]> => {
    if (classes.length === 0) return audited.of(which);
    const cells: AuditCell[] = [];
    for (const only of classes) cells.push(...(await audited.of(which, only)));
    return cells;
  };
  return { from: await of(inForce), to: await of(policy) };
}

/** Where --write-policy has a policy written, if it was given. */
function policyOutput(raw: RawAdviseOptions, file: string): OutputFile | undefined {
  const { writePolicy: path, output } = raw;
  if (path === undefined) return undefined;
  if (output !== undefined && resolve(output) === resolve(path))
    throw new UsageError(`-o and --write-policy both name ${path}`, 'Give each a file of its own.');
  return claimOutput(`--write-policy ${path}`, path, raw.force === true, filesRead(raw, [file]));
}

/** Writes the policy in force with the advice that loses nothing, to be named by --policy and --to. */
async function writePolicy(
  file: OutputFile,
  policy: Policy | undefined,
  { stderr }: Pick<Surroundings, 'stderr'>,
): Promise<void> {
  const { path } = file;
  if (policy === undefined) {
    stderr.write(`${path}: not written, since all that is advised loses detection\n`);
    return;
  }
  await file.write(jsonText(policy));
  stderr.write(`${path}: written. Use it with --policy ${path} or --to ${path}.\n`);
}
