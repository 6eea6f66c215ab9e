/** The second that times are relative to: that of the first time stamp, because 64 bits do not fit into a number. */
export class TimeBase {
  /** NaN before the first time stamp. */
  seconds = Number.NaN;
  /** The base in nanoseconds, as halves without sign. */
  hi = 0;
  lo = 0;

  get isKnown(): boolean {
    return this.seconds === this.seconds;
  }

  /** A time stamp in nanoseconds, given as signed halves, as nanoseconds since the base. */
  since(hi: number, lo: number): number {
    if (!this.isKnown) this.#set(hi, lo);
    return ((hi >>> 0) - this.hi) * 0x1_0000_0000 + ((lo >>> 0) - this.lo);
  }

  #set(hi: number, lo: number): void {
    const nanoseconds = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
    const seconds = nanoseconds / 1_000_000_000n;
    this.seconds = Number(seconds);
    this.hi = Number((seconds * 1_000_000_000n) >> 32n);
    this.lo = Number((seconds * 1_000_000_000n) & 0xffff_ffffn);
  }
}
