import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { InputError } from '../base/errors.ts';
import { spool } from './spool.ts';

async function* pieces(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

test('whatever is kept can be read at any place, from memory and from disk', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 }),
      fc.nat(100),
      fc.nat(),
      fc.nat(),
      async (chunks, memoryBytes, from, length) => {
        const all = Buffer.concat(chunks);
        const { source, close } = await spool(pieces(...chunks), 'x', { memoryBytes, diskBytes: 1000 });
        const start = from % (all.length + 1);
        const end = start + (length % (all.length - start + 1));
        expect(source.size).toBe(all.length);
        expect(Buffer.from(source.read(start, end - start))).toEqual(all.subarray(start, end));
        close();
      },
    ),
    { numRuns: 50 },
  );
});

test('the temporary file has no name while it is used: nothing is left behind, whatever ends the program', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-spool-test-'));
  vi.stubEnv('TMPDIR', folder);
  const { source, close } = await spool(pieces(new Uint8Array(100)), 'x', { memoryBytes: 10, diskBytes: 1000 });
  expect(readdirSync(folder)).toEqual([]);
  expect(source.read(90, 10)).toEqual(new Uint8Array(10));
  close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a stream that does not end is refused before the disk is full', async () => {
  const endless = pieces(new Uint8Array(600), new Uint8Array(600));
  const refusal = spool(endless, 'standard input', { memoryBytes: 10, diskBytes: 1000 });
  await expect(refusal).rejects.toThrow(InputError);
  await expect(refusal).rejects.toThrow('standard input: found more than 1000 bytes');
});
