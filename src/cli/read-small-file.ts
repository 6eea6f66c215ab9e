import { open } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { decodeText } from './decode-text.ts';

/** Far more than a thousand rules, or the figures of a calibration, need. */
const MAX_BYTES = 1 << 20;

/**
 * The text of a file that describes something, such as a policy.
 *
 * @param what it is, for messages: "policy"
 * @param advice what to do if the path is something else
 * @throws InputError for a directory, and for a file that is larger than such files are
 */
export async function readSmallFile(path: string, what: string, advice: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const info = await file.stat();
    if (info.isDirectory() || info.size > MAX_BYTES) {
      throw new InputError({
        where: `${what} ${path}`,
        found: info.isDirectory() ? 'a directory' : `a file of ${info.size} bytes`,
        expected: `a ${what} file, of at most ${MAX_BYTES} bytes`,
        advice,
      });
    }
    return decodeText(await file.readFile(), `${what} ${path}`);
  } finally {
    await file.close();
  }
}

/**
 * The text of a file that was named where a built-in name may stand as well.
 *
 * @param unknown the error for a name that is neither built in nor a file
 */
export async function readNamedFile(
  nameOrFile: string,
  what: string,
  advice: string,
  unknown: () => Error,
): Promise<string> {
  const looksLikePath = /[/\\]|\.json$/i.test(nameOrFile);
  return await readSmallFile(nameOrFile, what, advice).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && !looksLikePath) throw unknown();
    throw error;
  });
}
