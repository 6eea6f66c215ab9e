import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseExecuted, type ExecutedRun } from '../accuracy/executed.ts';
import { InputError } from '../base/errors.ts';
import { decodeText } from '../open/decode-text.ts';

/** Far more than the counts of a thousand runs need. */
const MAX_COUNTS_BYTES = 1 << 28;

/**
 * Reads a file of executed instructions, plain or, if its name ends in `.gz`, compressed with gzip.
 *
 * @throws InputError for what cannot be decompressed or is not such counts; system errors as they come
 */
export async function readCounts(path: string): Promise<readonly ExecutedRun[]> {
  const stored = await readFile(path);
  return parseExecuted(decodeText(path.endsWith('.gz') ? unpacked(stored, path) : stored, `counts ${path}`), path);
}

function unpacked(stored: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(stored, { maxOutputLength: MAX_COUNTS_BYTES });
  } catch (error) {
    throw new InputError({
      where: `counts ${path}`,
      found: error instanceof Error ? error.message : 'something else',
      expected: 'data of gzip, as the name says',
      advice: 'Copy the file again, or take the ending .gz off its name if it is not compressed.',
    });
  }
}
