import { resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { Policy } from '../policy/policy.ts';
import { ADVISE_WRITERS } from '../report/advise-writers.ts';
import { jsonText } from '../report/writers.ts';
import { adviseOn } from '../jobs/advise.ts';
import { auditedModel } from './audited-model.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { filesRead } from './files-read.ts';
import { ADVISE, ADVISE_POLICY, ADVISE_TRIALS, type AdviseOptions } from '../options/commands/advise.ts';
import { numberOf } from '../options/read-option.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { parseTop } from '../options/table-options.ts';
import { monitored } from './monitor.ts';
import { claimOutput, type OutputFile } from './output-file.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope advise TRACE`: call sites that could be left untagged, what that saves, and what it would lose. */
export async function runAdvise(file: string, raw: AdviseOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const audited = auditedModel(raw, numberOf(ADVISE_TRIALS, raw), surroundings);
  const policy = await policyOption(raw.policy ?? ADVISE_POLICY.default);
  const profile = await profileOption(raw.profile, settings.cpu);
  const output = await openOutput(ADVISE, raw, surroundings, [file]);
  const policyFile = policyOutput(raw, file);
  const sink = resultSink(
    output,
    ADVISE_WRITERS,
    outputOptions(output, { top: parseTop(raw), by: 'site' }, raw, surroundings),
  );
  const advised = await monitored(raw, surroundings, async (monitor, progress) => {
    const trace = await readTrace(file, settings, surroundings, progress);
    const told = {
      ...settings,
      audited,
      profile,
      command: reproducingCommand(ADVISE, [file], raw),
      version: version(),
    };
    return adviseOn(trace, policy, told, monitor);
  });
  await sink.add(advised.result);
  await sink.end();
  if (policyFile !== undefined) await writePolicy(policyFile, advised.policy, surroundings);
  return EXIT.ok;
}

/** Where --write-policy has a policy written, if it was given. */
function policyOutput(raw: AdviseOptions, file: string): OutputFile | undefined {
  const { writePolicy: path, output } = raw;
  if (path === undefined) return undefined;
  if (output !== undefined && resolve(output) === resolve(path))
    throw new UsageError(`-o and --write-policy both name ${path}`, 'Give each a file of its own.');
  return claimOutput(`--write-policy ${path}`, path, raw.force === true, filesRead(ADVISE, raw, [file]));
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
