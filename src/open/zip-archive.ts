/** How many bytes `isZip` wants to see. */
export const ZIP_HEAD_BYTES = 4;

/** Whether a file that begins like this is a zip archive: of members, or of none. */
export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
