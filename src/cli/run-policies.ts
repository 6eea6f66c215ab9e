import { labelled } from '../report/prose.ts';
import { BUILT_IN_POLICIES, DEFAULT_POLICY } from '../policy/built-in.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writeAll } from './result-output.ts';
import { jsonText } from '../report/writers.ts';
import type { Surroundings } from './surroundings.ts';
import { widthOf } from './terminal.ts';

/** `tagscope policies`: the policies that can be named without a file. */
export async function runPolicies(json: boolean, { stdout, env }: Surroundings): Promise<ExitCode> {
  if (json) {
    await writeAll(stdout, jsonText({ schema: 'tagscope.policies', version: 1, policies: BUILT_IN_POLICIES }));
    return EXIT.ok;
  }
  const labelWidth = Math.max(...BUILT_IN_POLICIES.map((policy) => policy.name.length)) + 2;
  const width = Math.min(100, widthOf(stdout, env));
  const paragraphs = BUILT_IN_POLICIES.map((policy) =>
    labelled(
      policy.name,
      labelWidth,
      `${policy.description}${policy.name === DEFAULT_POLICY ? ' This is the default.' : ''}`,
      width,
    ).join('\n'),
  );
  await writeAll(stdout, `${paragraphs.join('\n\n')}\n`);
  return EXIT.ok;
}
