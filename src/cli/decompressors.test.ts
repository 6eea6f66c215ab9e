import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createDecompressors } from './decompressors.ts';
import { zstdFrame } from './zstd.testdata.ts';

const text = 'pfn=0x45751 '.repeat(100);

/** Some decoders give what there is. */
const lessOrError = (gives: () => number): boolean => {
  try {
    return gives() < text.length;
  } catch {
    return true;
  }
};

describe.each([
  ['zlib', deflateSync(text)],
  ['zstd', zstdFrame(text)],
] as const)('%s', (name, compressed) => {
  test('gives what was compressed, and only if it is no more than allowed', async () => {
    const decompress = (await createDecompressors())[name];
    expect(Buffer.from(decompress(compressed, text.length)).toString()).toBe(text);
    expect(Buffer.from(decompress(compressed, 10 * text.length)).toString()).toBe(text);
    expect(() => decompress(compressed, text.length - 1)).toThrow(Error);
  });

  test('refuses what is damaged', async () => {
    const decompress = (await createDecompressors())[name];
    const cutShort = (): number => decompress(compressed.subarray(0, -5), text.length).length;
    expect(cutShort).toSatisfy(lessOrError);
    expect(() => decompress(new Uint8Array(40).fill(7), 1000)).toThrow(Error);
    expect(() => decompress(new Uint8Array(0), 1000)).toThrow(Error);
  });
});
