import { UsageError } from '../base/errors.ts';
import { parseWeights } from '../decide/weights.ts';
import { readText } from './read-text.ts';
import { BUILT_IN_POLICIES, DEFAULT_FROM } from '../policy/built-in.ts';
import type { Policy } from '../policy/policy.ts';
import { COMPARE_WRITERS } from '../report/compare-writers.ts';
import { MAX_COMPARED } from '../report/trade-off.ts';
import { agrees, comparePolicies } from '../jobs/compare.ts';
import { auditedModel } from './audited-model.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { COMPARE, COMPARE_TRIALS, type CompareOptions } from '../options/commands/compare.ts';
import { numberOf } from '../options/read-option.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { monitored } from './monitor.ts';
import { policyNames } from '../options/policy-names.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** Explained reports of thousands of logs. */
const MAX_WEIGHTS_BYTES = 256 << 20;

/** `tagscope compare TRACE`: what policies save of a trace's tag work, beside what they leave of detection. */
export async function runCompare(file: string, raw: CompareOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const audited = auditedModel(raw, numberOf(COMPARE_TRIALS, raw), surroundings);
  const baseline = await policyOption(raw.from ?? DEFAULT_FROM);
  const others = (await policiesOption(raw.policies)).filter(({ name }) => name !== baseline.name);
  if (others.length === 0) {
    throw new UsageError(
      `${baseline.name} alone: there is nothing to compare it with`,
      'Name other policies with --policies, or another baseline with --from.',
    );
  }
  const weights =
    raw.weights === undefined
      ? undefined
      : parseWeights(
          await readText(raw.weights, { what: 'a list of weights', limit: MAX_WEIGHTS_BYTES }, surroundings),
          raw.weights,
        );
  const profile = await profileOption(raw.profile, settings.cpu);
  const output = await openOutput(COMPARE, raw, surroundings, [file]);
  const sink = resultSink(output, COMPARE_WRITERS, outputOptions(output, { top: 0, by: 'class' }, raw, surroundings));
  const result = await monitored(raw, surroundings, async (monitor, progress) => {
    const trace = await readTrace(file, settings, surroundings, progress);
    const told = {
      ...settings,
      audited,
      profile,
      command: reproducingCommand(COMPARE, [file], raw),
      version: version(),
    };
    return comparePolicies({ trace, baseline, others, weights }, told, monitor);
  });
  await sink.add(result);
  await sink.end();
  return agrees(result) ? EXIT.ok : EXIT.failed;
}

/** The policies of a list separated by commas; all built-in ones if none is given. @throws UsageError */
async function policiesOption(list: string | undefined): Promise<readonly Policy[]> {
  if (list === undefined) return BUILT_IN_POLICIES;
  const names = policyNames(list);
  if (names.includes('')) throw new UsageError(`--policies ${list}: an empty name`, 'Separate names by single commas.');
  if (names.length > MAX_COMPARED)
    throw new UsageError(`--policies: ${names.length} are given`, `Compare at most ${MAX_COMPARED} at once.`);
  const policies: Policy[] = [];
  for (const name of names) {
    const policy = await policyOption(name);
    if (policies.some((other) => other.name === policy.name))
      throw new UsageError(`--policies names ${policy.name} twice`, 'Name each policy once.');
    policies.push(policy);
  }
  return policies;
}
