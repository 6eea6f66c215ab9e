import { open } from 'node:fs/promises';
import { descriptionText, requireDescription, type Description } from '../commands/text-kinds.ts';

/**
 * The text of a file that describes something, such as a policy.
 *
 * @param absent where the name of something built in may stand as well: the error for a name that is neither
 * @throws InputError for a directory, and for a file that is larger than such files are
 */
export async function readSmallFile(path: string, kind: Description, absent?: () => Error): Promise<string> {
  if (absent === undefined) return readDescription(path, kind);
  const looksLikePath = /[/\\]|\.json$/i.test(path);
  return await readDescription(path, kind).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && !looksLikePath) throw absent();
    throw error;
  });
}

async function readDescription(path: string, kind: Description): Promise<string> {
  const file = await open(path, 'r');
  try {
    const info = await file.stat();
    requireDescription(path, kind, info.isDirectory() ? undefined : info.size);
    return descriptionText(path, kind, await file.readFile());
  } finally {
    await file.close();
  }
}
