/** A 64-bit number without sign; beyond 2^53 only about right, which is enough to refuse it. */
export const uint64At = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
