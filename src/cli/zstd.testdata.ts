import xxhash from 'xxhash-wasm';

const { h64Raw } = await xxhash();

const le = (value: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(value, 0, length);
  return bytes;
};

const MAGIC = le(0xfd2fb528, 4);
/** Descriptor with a checksum, and a window of 128 KiB. */
const HEADER = Buffer.from([0x04, (17 - 10) << 3]);

/** A zstd frame of blocks that are stored as they are, with its checksum. */
export function zstdFrame(text: string): Buffer {
  const content = Buffer.from(text, 'latin1');
  const checksum = Number(h64Raw(content) & 0xffff_ffffn);
  return Buffer.concat([MAGIC, HEADER, le((content.length << 3) | 1, 3), content, le(checksum, 4)]);
}

/** A frame of `blocks` blocks that are one byte each and mean 128 KiB each. */
export const zstdBomb = (blocks: number, firstLine: string): Buffer =>
  Buffer.concat([
    MAGIC,
    Buffer.from([0x00, (17 - 10) << 3]),
    le(firstLine.length << 3, 3),
    Buffer.from(firstLine),
    ...Array.from({ length: blocks }, (_, index) =>
      Buffer.concat([le((131072 << 3) | 2 | (index === blocks - 1 ? 1 : 0), 3), Buffer.from('x')]),
    ),
  ]);

/** A frame that wants a window of 2 GiB. */
export const greedyFrame = (): Buffer => Buffer.concat([MAGIC, Buffer.from([0x00, 0xa8]), Buffer.alloc(20)]);

export const skippableFrame = (): Buffer => Buffer.concat([le(0x184d2a53, 4), le(5, 4), Buffer.from('hello')]);
