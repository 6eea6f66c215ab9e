import { InputError } from '../../base/errors.ts';
import type { LossLog } from '../../trace/loss-log.ts';
import type { ByteSource } from '../byte-source.ts';
import type { Decompress } from '../decompressors.ts';
import { COPY_AGAIN } from '../field-reader.ts';
import type { CpuData } from './layout.ts';
import { tryDecompress } from './version-7.ts';

/** Some pages of one CPU, one after the other. */
export interface PageBlock {
  readonly data: Uint8Array;
  /** Where they are in the file; of compressed ones, where the chunk begins. */
  readonly offset: number;
  readonly compressed: boolean;
}

/** What is read at a time for one CPU, and for all of them together. */
const BLOCK_BYTES = 1 << 18;
const ALL_BLOCKS_BYTES = 1 << 26;
/** A file in which more chunks than these are damaged is not a trace; each costs the decompressor something. */
const MAX_DAMAGED = 1000;
/** trace-cmd makes chunks of ten pages. */
const MAX_CHUNK = 1 << 26;
/** Pages shrink to a fifth, those with few records much further; only what is made to grow passes both of these. */
const MAX_RATIO = 2000;
const MAX_UNSUSPECTED = 2 ** 30;

/**
 * The data of one CPU as they are in the file.
 *
 * @param cpus how many CPUs are read at the same time
 */
export function* plainBlocks(
  source: ByteSource,
  { cpu, offset, size }: CpuData,
  pageBytes: number,
  cpus: number,
  log: LossLog,
): Generator<PageBlock> {
  const there = Math.max(0, Math.min(size, source.size - offset));
  const wanted = Math.min(BLOCK_BYTES, ALL_BLOCKS_BYTES / Math.max(1, cpus));
  const step = Math.max(1, Math.floor(wanted / pageBytes)) * pageBytes;
  for (let at = 0; at < there; at += step) {
    yield { data: source.read(offset + at, Math.min(step, there - at)), offset: offset + at, compressed: false };
  }
  if (there < size) {
    log.unreadable(offset + there, `${size - there} more bytes of CPU ${cpu}`, 'the end of the file');
  }
}

/**
 * The same where they are compressed, in chunks (trace-cmd.dat.v7(5), COMPRESSION FORMAT OF THE TRACE DATA). A chunk that
 * is damaged is lost alone.
 */
export function* compressedBlocks(
  source: ByteSource,
  { cpu, offset, size }: CpuData,
  pageBytes: number,
  decompress: Decompress,
  log: LossLog,
): Generator<PageBlock> {
  // The size in the options leaves out the number of chunks.
  const end = Math.min(offset + 4 + size, source.size);
  const number = (at: number): number => {
    const data = source.read(at, 4);
    return new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  };
  let at = offset;
  let given = 0;
  if (at + 4 > end) {
    if (size > 0) log.unreadable(at, `the chunks of CPU ${cpu}`, 'the end of the file');
    return;
  }
  let chunks = number(at);
  at += 4;
  for (; chunks > 0; chunks--) {
    const start = at;
    if (at + 8 > end) return log.unreadable(at, `${chunks} more chunks of CPU ${cpu}`, 'the end of its data');
    const stored = number(at);
    const bytes = number(at + 4);
    at += 8;
    if (stored > end - at) {
      return log.unreadable(start, `a chunk within the data of CPU ${cpu}`, `a chunk of ${stored} bytes`);
    }
    if (bytes > MAX_CHUNK || bytes % pageBytes !== 0) {
      const expected = `a chunk of whole pages of ${pageBytes} bytes, at most ${MAX_CHUNK} in all`;
      log.unreadable(start, expected, `${bytes} bytes`);
      at += stored;
      continue;
    }
    given += bytes;
    if (given > Math.max(MAX_UNSUSPECTED, MAX_RATIO * (at + stored - offset))) {
      return log.unreadable(start, `data that grow at most ${MAX_RATIO}-fold`, `${stored} bytes that become ${bytes}`);
    }
    const data = tryDecompress(decompress, source.read(at, stored), bytes);
    at += stored;
    if (data === undefined) {
      log.unreadable(start, `a chunk of ${bytes} bytes`, `${stored} bytes that are damaged`);
      if (log.losses.truncatedLines > MAX_DAMAGED) throw tooDamaged(log.where(start));
    } else yield { data, offset: start, compressed: true };
  }
}

const tooDamaged = (where: string): InputError =>
  new InputError({
    where,
    found: `a damaged chunk of compressed data, after ${MAX_DAMAGED} other losses`,
    expected: 'a file that is mostly whole',
    advice: COPY_AGAIN,
  });
