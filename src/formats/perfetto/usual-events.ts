import { bits28, MORE, MORE_4 } from '../../base/wire-reader.ts';
import { isImpossiblePfn } from '../../trace/bounds.ts';
import type { CpuStream } from './cpu-stream.ts';
import type { EventKinds } from './event-kinds.ts';
import type { Origins } from './origins.ts';
import type { Shapes } from './shapes.ts';
import { BUNDLE, EVENT_HEAD } from './tags.ts';
import type { TimeBase } from './time-base.ts';

/** Of a tag of two bytes and a length, the bits that must be 0x82: wire type 2, and none but the first byte goes on. */
const MESSAGE_MASK = 0x80_8087;
const MESSAGE = 0x82;

/** Bytes of a pointer of the kernel, and of its last two the bits that must be as they are in one. */
const KEY_BYTES = 10;
const LAST_MASK = 0xff80_0000 | 0;
const LAST = 0x0180_0000;

/**
 * Reads events as nearly all are, and stops at the first that is not: so that what most events need is one loop over
 * numbers that stay where they are, without a call or a box for any of them.
 *
 * A usual event is shorter than 128 bytes; it has a time stamp of five to nine bytes, the task, and then the message, with
 * a tag of two bytes and a length of one; the message has a shape that is known from an event before, and then its key.
 */
export class UsualEvents {
  readonly #kinds: EventKinds;
  readonly #origins: Origins;
  readonly #shapes: Shapes;
  readonly #base: TimeBase;

  constructor(kinds: EventKinds, origins: Origins, shapes: Shapes, base: TimeBase) {
    this.#kinds = kinds;
    this.#origins = origins;
    this.#shapes = shapes;
    this.#base = base;
  }

  /**
   * Reads events of `data` from `from` on, the fields of a bundle that ends at `end`, into the stream of its CPU.
   *
   * @param state what interned symbols mean in the bundle
   * @returns where the first field begins that is not a usual event
   */
  read(data: Uint8Array, view: DataView, from: number, end: number, state: number, stream: CpuStream): number {
    const kinds = this.#kinds;
    const origins = this.#origins;
    const shapes = this.#shapes;
    const base = this.#base;
    if (!base.isKnown) return from;
    const { hi: baseHi, lo: baseLo } = base;
    let { firstTime, lastTime } = stream;
    let task = -1;
    let origin = -1;
    let backwards = 0;
    let unrecordedFlags = 0;
    let batch = stream.batch;
    let rows = batch.time.length;
    let row = stream.rows;
    let at = from;
    while (at < end) {
      const start = at + 2;
      const stop = start + data[at + 1];
      if (data[at] !== BUNDLE.event || stop > end || data[at + 1] >= MORE || data[start] !== EVENT_HEAD.timestamp)
        break;
      const early = view.getInt32(start + 1, true);
      if ((early & MORE_4) !== MORE_4) break;
      let next = start + 6;
      let byte = data[start + 5];
      const lo = bits28(early) | (byte << 28);
      let hi = (byte & 0x7f) >>> 4;
      for (let shift = 3; byte >= MORE && shift <= 24; shift += 7) {
        byte = data[next++];
        hi |= (byte & 0x7f) << shift;
      }
      if (byte >= MORE || data[next] !== EVENT_HEAD.pid) break;
      byte = data[next + 1];
      next += 2;
      let pid = byte & 0x7f;
      for (let shift = 7; byte >= MORE && shift <= 21; shift += 7) {
        byte = data[next++];
        pid |= (byte & 0x7f) << shift;
      }
      const tag = view.getInt32(next, true);
      const message = next + 3;
      if (byte >= MORE || (tag & MESSAGE_MASK) !== MESSAGE || message + ((tag >>> 16) & 0x7f) !== stop) break;
      const kind = kinds.usual(((tag & 0x7f) | ((tag >>> 1) & 0x3f80)) >>> 3);
      if (kind === undefined) break;

      // The message ends with its key, a number. Where it begins is guessed from its end: the guess is right if what stands
      // before it is known as a shape.
      let keyAt = stop - KEY_BYTES;
      let keyHi = 0;
      let keyLo: number;
      const last = view.getInt32(stop - 4, true);
      if (keyAt > message && (last & LAST_MASK) === LAST && data[keyAt - 1] === kind.keyTag) {
        // A pointer of the kernel: ten bytes, of which the last is one bit.
        const first = view.getInt32(keyAt, true);
        const second = view.getInt32(keyAt + 4, true);
        if ((first & second & MORE_4) !== MORE_4) break;
        const middle = bits28(second);
        keyLo = bits28(first) | (middle << 28);
        keyHi = (middle >>> 4) | ((last << 8) & 0x7f00_0000) | (1 << 31);
      } else {
        // A page: a number of up to 28 bits.
        keyAt = stop - 1;
        keyLo = data[keyAt];
        for (; keyAt > message && data[keyAt - 1] >= MORE; keyAt--) keyLo = (keyLo << 7) | (data[keyAt - 1] & 0x7f);
        if (data[stop - 1] >= MORE || stop - keyAt > 4 || keyAt === message || data[keyAt - 1] !== kind.keyTag) break;
      }
      if (kind.hasPfns && isImpossiblePfn(keyHi, keyLo)) break;
      if (pid !== task) {
        origin = origins.number(pid, stream);
        if (origin < 0) break;
        task = pid;
      }
      const key = kind.keys.find(view, message, keyAt - 1, state);
      const shape = key < 0 ? -1 : kind.shapes[key];
      if (shape < 0) break;

      kind.count++;
      if (row === rows) {
        batch = stream.grow();
        rows = batch.time.length;
        row = 0;
      }
      const time = ((hi >>> 0) - baseHi) * 0x1_0000_0000 + ((lo >>> 0) - baseLo);
      batch.time[row] = time;
      batch.origin[row] = origin;
      batch.shape[row] = shape;
      batch.keyHi[row] = keyHi;
      batch.keyLo[row] = keyLo;
      row++;
      unrecordedFlags += shapes.lacksFlags(shape);
      if (time < firstTime) firstTime = time;
      if (time < lastTime) backwards++;
      lastTime = time;
      at = stop;
    }
    stream.rows = row;
    stream.firstTime = firstTime;
    stream.lastTime = lastTime;
    stream.clockBackwards += backwards;
    stream.unrecordedFlags += unrecordedFlags;
    return at;
  }
}
