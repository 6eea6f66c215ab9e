import { UsageError } from '../base/errors.ts';
import { FACTS_KERNEL, factsGuide } from '../report/facts-guide.ts';
import type { FactsOptions } from '../options/commands/facts.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writeAll } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';

/** `tagscope facts --guide`: what a reviewer of a series about memory tags needs to know of the kernel. */
export async function runFacts({ guide, kernel }: FactsOptions, { stdout }: Surroundings): Promise<ExitCode> {
  if (guide !== true)
    throw new UsageError(
      'facts of what?',
      'With --guide: of the kernel. Those of a series: tagscope review SERIES --format facts.',
    );
  if (kernel !== undefined && kernel !== FACTS_KERNEL)
    throw new UsageError(`--kernel ${kernel}: its facts are not known`, `Known are those of ${FACTS_KERNEL}.`);
  await writeAll(stdout, factsGuide());
  return EXIT.ok;
}
