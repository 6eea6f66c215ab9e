const PAGE_HEADER_BYTES = 16;
/** Bytes of a page of the ring buffer, with pages of the machine of each size and sub-buffers of several. */
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536];
/** `commit` of a page, without the flags on lost events; see `ring-buffer.ts`. */
const COMMIT_MASK = (1 << 27) - 1;

/**
 * Whether a file that begins like this is a part of the ring buffer of one CPU, as trace-cmd keeps it while it records
 * (trace.dat.cpu0) and as per_cpu/cpu0/trace_pipe_raw gives it: pages that begin with a time and their length.
 */
export function isRingBuffer(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return PAGE_SIZES.some((size) => head.length >= size && arePages(view, size));
}

function arePages(view: DataView, size: number): boolean {
  let last = 0n;
  let records = 0;
  for (let at = 0; at + size <= view.byteLength; at += size) {
    const stamp = view.getBigUint64(at, true);
    const length = view.getUint32(at + 8, true) & COMMIT_MASK;
    if (stamp === 0n || stamp >> 62n !== 0n || stamp < last || view.getUint32(at + 12, true) !== 0) return false;
    if (length > size - PAGE_HEADER_BYTES || length % 4 !== 0) return false;
    last = stamp;
    records += length;
  }
  return records > 0;
}
