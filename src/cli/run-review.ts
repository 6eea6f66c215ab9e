import { review } from '../jobs/review.ts';
import { readExplained } from '../jobs/review-reports.ts';
import type { PredictedTrace } from '../jobs/review-predictions.ts';
import { REVIEW_WRITERS } from '../report/review-writers.ts';
import { jsonText } from '../report/writers.ts';
import { analyzer } from '../result/analyze.ts';
import { readSeries } from '../series/read-series.ts';
import { filesRead } from './files-read.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { kernelTree } from './kernel-tree.ts';
import { openSeries } from './open-series.ts';
import { settingsFor } from '../jobs/replay-settings.ts';
import { REVIEW, REVIEW_TRIALS, type ReviewOptions } from '../options/commands/review.ts';
import { numberOf } from '../options/read-option.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { requireAllocations } from '../jobs/require-allocations.ts';
import { monitored } from './monitor.ts';
import { claimOutput } from './output-file.ts';
import type { Progress } from './progress.ts';
import { readTrace } from './read-trace.ts';
import { preparedWith } from './node-commands.ts';
import { openOutput, writeResult } from './result-output.ts';
import { shellCommand } from '../options/shell-quote.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';

const DEFAULT_POLICY_FILE = 'policy.json';

/** `tagscope review SERIES…`: what a patch series does to tags, what of its claims holds, and what a reviewer would ask. */
export async function runReview(
  paths: readonly string[],
  raw: ReviewOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const trials = numberOf(REVIEW_TRIALS, raw);
  const tree = raw.tree === undefined ? undefined : kernelTree(raw.tree);
  const inputs = filesRead(REVIEW, raw, paths);
  const output = await openOutput(REVIEW, raw, surroundings, paths);
  const policyOut =
    raw.policyOut === undefined
      ? undefined
      : claimOutput(`--policy-out ${raw.policyOut}`, raw.policyOut, raw.force === true, inputs);
  const options = outputOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  const explained =
    raw.explained === undefined
      ? undefined
      : readExplained(raw.explained, await preparedWith(surroundings).text(raw.explained, 'explained'));
  const series = await readSeries(await openSeries(paths, surroundings));
  const result = await monitored(raw, surroundings, async (monitor, progress) =>
    review(
      { series, tree, explained, traces: await openTraces(raw, surroundings, progress) },
      {
        base: raw.base,
        trials,
        seed: 1,
        seriesWords: shellCommand(paths),
        quote: shellCommand,
        policyFile: raw.policyOut ?? DEFAULT_POLICY_FILE,
        command: reproducingCommand(REVIEW, paths, raw),
        claimCommand: (text) => reproducingCommand(REVIEW, paths, { ...raw, claim: text }),
        version: version(),
        claim: raw.claim,
      },
      monitor,
    ),
  );
  if (result.policy !== null) await policyOut?.write(jsonText(result.policy.rules));
  await writeResult(result, output, REVIEW_WRITERS, options);
  return raw.exitCode === true && result.questions.length > 0 ? EXIT.failed : EXIT.ok;
}

async function openTraces(
  raw: ReviewOptions,
  surroundings: Surroundings,
  progress: Progress,
): Promise<PredictedTrace[]> {
  const settings = parseReplayOptions(raw);
  const profile = await preparedWith(surroundings).profile(raw.profile, settings.cpu);
  const traces: PredictedTrace[] = [];
  for (const file of raw.trace ?? []) {
    const trace = await readTrace(file, settings, surroundings, progress);
    requireAllocations(trace);
    const { table, source } = trace;
    const fitting = settingsFor(settings, table);
    traces.push({
      name: file,
      reportUnder: analyzer(
        table,
        source,
        { ...fitting, profile, command: reproducingCommand(REVIEW, [file], raw), version: version() },
        [],
      ),
    });
  }
  return traces;
}
