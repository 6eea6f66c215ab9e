import type { Command as Parser } from 'commander';
import type { ArgumentsOf } from '../options/command.ts';
import type { CommandName, CommandNamed } from '../options/commands.ts';
import type { Given } from '../options/option.ts';
import type { ExitCode } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';

/** What does a command: it is told its arguments, its options, and what is around it. */
type Run<Name extends CommandName> = (
  ...told: [...ArgumentsOf<CommandNamed<Name>['arguments']>, Given<CommandNamed<Name>['options']>, Surroundings]
) => Promise<ExitCode>;

/** What does each command. It is loaded when it is called: each start would pay for all. */
const ACTIONS: { readonly [Name in CommandName]: () => Promise<Run<Name>> } = {
  report: async () => (await import('./run-report.ts')).runReport,
  diff: async () => (await import('./run-diff.ts')).runDiff,
  compare: async () => (await import('./run-compare.ts')).runCompare,
  advise: async () => (await import('./run-advise.ts')).runAdvise,
  check: async () => (await import('./run-check.ts')).runCheck,
  bench: async () => (await import('./run-bench.ts')).runBench,
  info: async () => (await import('./run-info.ts')).runInfo,
  convert: async () => (await import('./run-convert.ts')).runConvert,
  accuracy: async () => (await import('./run-accuracy.ts')).runAccuracy,
  conform: async () => (await import('./run-conform.ts')).runConform,
  audit: async () => (await import('./run-audit.ts')).runAudit,
  explain: async () => (await import('./run-explain.ts')).runExplain,
  profiles: async () => (await import('./run-profiles.ts')).runProfiles,
  calibrate: async () => (await import('./run-calibrate.ts')).runCalibrate,
  review: async () => (await import('./run-review.ts')).runReview,
  policies: async () => (await import('./run-policies.ts')).runPolicies,
  facts: async () => (await import('./run-facts.ts')).runFacts,
  mcp: async () => (await import('./run-mcp.ts')).runMcp,
};

/** Does a command with what the parser of its row has read. */
export async function runAction<Name extends CommandName>(
  name: Name,
  parser: Parser,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const run = await ACTIONS[name]();
  // The parser was made from the row, as the types were.
  const told = [...parser.processedArgs, parser.opts(), surroundings] as unknown as Parameters<Run<Name>>;
  return run(...told);
}
