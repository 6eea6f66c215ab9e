import * as zlib from 'node:zlib';
import type { Decompress, Decompressors } from '../formats/decompressors.ts';
import { portableZstd } from '../open/portable-zstd.ts';

/** What this version of Node, or a package in its place, has for parts of files. */
export async function createDecompressors(): Promise<Decompressors> {
  return {
    zlib: notEmpty((data, maxBytes) => zlib.inflateSync(data, { maxOutputLength: maxBytes })),
    zstd: notEmpty(nativeZstd() ?? (await portableZstd())),
  };
}

/** No stream and no frame of a trace is empty, and some decoders tell of an error by giving nothing. */
const notEmpty =
  (decompress: Decompress): Decompress =>
  (data, maxBytes) => {
    const content = decompress(data, maxBytes);
    if (content.length === 0) throw new Error('nothing comes of it: it is damaged, empty or too long');
    return content;
  };

/** Versions before 22.15 do not have it. */
function nativeZstd(): Decompress | undefined {
  const decompress: unknown = Reflect.get(zlib, 'zstdDecompressSync');
  if (typeof decompress !== 'function') return undefined;
  return (data, maxBytes) => {
    const content: unknown = decompress(data, { maxOutputLength: maxBytes });
    if (!(content instanceof Uint8Array)) throw new TypeError('zlib.zstdDecompressSync gives no bytes');
    return content;
  };
}
