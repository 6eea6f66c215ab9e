import { open } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { builtInPolicy, parsePolicy, unknownPolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';

/** Far more than a thousand rules need. */
const MAX_POLICY_BYTES = 1 << 20;

/**
 * A policy by its name, or from its file. What names no built-in one and looks like a path is a file.
 *
 * @throws UsageError for a name that is not there, InputError for a file that is not a policy
 */
export async function policyOption(nameOrFile: string): Promise<Policy> {
  const builtIn = builtInPolicy(nameOrFile);
  if (builtIn !== undefined) return builtIn;
  const looksLikePath = /[/\\]|\.json$/i.test(nameOrFile);
  const text = await readText(nameOrFile).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && !looksLikePath) throw unknownPolicy(nameOrFile);
    throw error;
  });
  return parsePolicy(text, nameOrFile);
}

async function readText(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const info = await file.stat();
    if (info.isDirectory() || info.size > MAX_POLICY_BYTES) {
      throw new InputError({
        where: `policy ${path}`,
        found: info.isDirectory() ? 'a directory' : `a file of ${info.size} bytes`,
        expected: `a policy file, of at most ${MAX_POLICY_BYTES} bytes`,
        advice: '`tagscope policies` lists the policies that can be named without a file.',
      });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
