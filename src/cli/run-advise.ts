import { resolve } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { prepareAdvise } from '../commands/advise.ts';
import type { Policy } from '../policy/policy.ts';
import { ADVISE_WRITERS } from '../report/advise-writers.ts';
import { jsonText } from '../report/writers.ts';
import { ADVISE, type AdviseOptions } from '../options/commands/advise.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { filesRead } from './files-read.ts';
import { preparedWith, running } from './node-commands.ts';
import { claimOutput, type OutputFile } from './output-file.ts';
import { printWarnings } from './print-warnings.ts';
import { parseTop } from '../options/table-options.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';

/** `tagscope advise TRACE`: call sites that could be left untagged, what that saves, and what it would lose. */
export async function runAdvise(path: string, raw: AdviseOptions, surroundings: Surroundings): Promise<ExitCode> {
  const prepared = await prepareAdvise(path, raw, preparedWith(surroundings));
  const output = await openOutput(ADVISE, raw, surroundings, [path]);
  const policyFile = policyOutput(raw, path);
  printWarnings(prepared, surroundings);
  const sink = resultSink(
    output,
    ADVISE_WRITERS,
    outputOptions(output, { top: parseTop(raw), by: 'site' }, raw, surroundings),
  );
  const advised = await running(raw, surroundings, (context) => prepared.run(context));
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
