import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { decompress } from './decompress.ts';
import { greedyFrame, skippableFrame, zstdBomb, zstdFrame } from './zstd.testdata.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(bytes: Uint8Array, size = 1 << 16): Promise<string> {
  const { chunks } = await decompress(inPieces(bytes, size), 'file');
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('latin1');
}

const TEXT = '# tracer: nop\n'.repeat(500);

describe.each([
  ['plain text', Buffer.from(TEXT)],
  ['gzip', gzipSync(TEXT)],
  ['gzip of two members', Buffer.concat([gzipSync(TEXT.slice(0, 100)), gzipSync(TEXT.slice(100))])],
  ['zstd', zstdFrame(TEXT)],
  ['zstd of two frames', Buffer.concat([zstdFrame(TEXT.slice(0, 100)), zstdFrame(TEXT.slice(100))])],
  ['zstd with skippable frames', Buffer.concat([skippableFrame(), zstdFrame(TEXT), skippableFrame()])],
])('%s', (_, bytes) => {
  test.each([1, 7, 1 << 16])('in pieces of %i', async (size) => {
    expect(await textOf(bytes, size)).toBe(TEXT);
  });
});

test.each([
  ['gzip', gzipSync(TEXT)],
  ['zstd', zstdFrame(TEXT)],
])('%s that is cut short names the offset', async (format, bytes) => {
  const cut = bytes.subarray(0, bytes.length - 5);
  const error = await textOf(cut).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toContain(`file, byte ${cut.length}: found ${format} data that are cut short`);
});

test.each([
  ['gzip', gzipSync(TEXT)],
  ['zstd', zstdFrame(TEXT)],
])('%s with another checksum is damaged', async (format, bytes) => {
  const damaged = Buffer.from(bytes);
  const at = format === 'gzip' ? damaged.length - 8 : damaged.length - 1;
  damaged[at] = damaged[at] ^ 1;
  await expect(textOf(damaged)).rejects.toThrow(`${format} data that are damaged`);
});

test('garbage after a zstd frame is damage', async () => {
  await expect(textOf(Buffer.concat([zstdFrame(TEXT), Buffer.from('garbage')]))).rejects.toThrow('damaged');
});

test('a window that is too large is refused before memory is taken', async () => {
  await expect(textOf(greedyFrame())).rejects.toThrow('a window of 2048 MiB; expected at most 128 MiB');
});

test('data that grow beyond all measure are refused', async () => {
  const { chunks } = await decompress(inPieces(zstdBomb(8200, '# tracer: nop\n'), 1 << 20), 'file');
  const drain = async (): Promise<void> => {
    for await (const _ of chunks);
  };
  await expect(drain()).rejects.toThrow('grow more than 2000-fold');
});
