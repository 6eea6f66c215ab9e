import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { readCounts } from './read-counts.ts';

describe('readCounts', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tagscope-counts-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(dir, name);
    await writeFile(path, content);
    return path;
  };

  it('takes a list of runs, plain and compressed', async () => {
    expect(await readCounts(await file('plain.json', '[]'))).toEqual([]);
    expect(await readCounts(await file('packed.json.gz', gzipSync('[]')))).toEqual([]);
  });

  it.each([
    ['text that is not JSON', 'broken.json', '{'],
    ['a file that is empty', 'empty.json', ''],
    ['gzip data that are cut short', 'short.json.gz', gzipSync('[1, 2, 3]').subarray(0, 15)],
    ['plain text that is called compressed', 'plain.json.gz', '[]'],
    ['JSON of something else', 'other.json', '{"runs": []}'],
  ])('says which file it is for %s', async (_, name, content) => {
    const path = await file(name, content);
    const error = await readCounts(path).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain(`counts ${path}`);
  });
});
