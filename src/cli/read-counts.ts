import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseExecuted, type ExecutedRun } from '../accuracy/executed.ts';
import { InputError } from '../base/errors.ts';

/** Far more than the counts of a thousand runs need. */
const MAX_COUNTS_BYTES = 1 << 28;

/**
 * Reads a file of executed instructions, plain or, if its name ends in `.gz`, compressed with gzip.
 *
 * @throws InputError for what cannot be decompressed or is not such counts; system errors as they come
 */
export async function readCounts(path: string): Promise<readonly ExecutedRun[]> {
  const stored = await readFile(path);
  let json: unknown;
  try {
    const bytes = path.endsWith('.gz') ? gunzipSync(stored, { maxOutputLength: MAX_COUNTS_BYTES }) : stored;
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new InputError({
      where: `counts ${path}`,
      found: error instanceof Error ? error.message : 'something else',
      expected: 'JSON, plain or (with a name that ends in .gz) compressed with gzip',
      advice: 'Counts of executed instructions are a JSON list of runs; see cases/oracle/README.md.',
    });
  }
  return parseExecuted(json, path);
}
