/** Each of the four bytes of a word. */
const ONES = 0x0101_0101;
const LOW_SEVEN = 0x7f7f_7f7f;
const WORD = 4;
/** Words after which the four counts of a word might run over. */
const MAX_WORDS = 255;

/** How often a byte stands in a range. Four bytes are looked at in one step. */
export function countByte(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let count = 0;
  let at = from;
  for (; at < to && (bytes.byteOffset + at) % WORD !== 0; at++) if (bytes[at] === byte) count++;
  const wholeWords = Math.floor((to - at) / WORD);
  const words = wholeWords > 0 ? new Int32Array(bytes.buffer, bytes.byteOffset + at, wholeWords) : [];
  const wanted = Math.imul(byte, ONES);
  for (let word = 0; word < words.length;) {
    const stop = Math.min(words.length, word + MAX_WORDS);
    let lanes = 0;
    for (; word < stop; word++) {
      // A byte of `other` is 0 where the byte is found; its high bit is set here for every other one.
      const other = words[word] ^ wanted;
      const differs = ((other & LOW_SEVEN) + LOW_SEVEN) | other;
      lanes = (lanes + ((~differs >>> 7) & ONES)) | 0;
    }
    count += (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
  }
  for (at += words.length * WORD; at < to; at++) if (bytes[at] === byte) count++;
  return count;
}
