import { InputError, quoted } from '../base/errors.ts';
import { KernelSymbols } from '../formats/symbols/kallsyms.ts';
import { concat, type ByteChunks } from './byte-stream.ts';

/** A kernel with all of its modules has some 20 MB of symbols. */
const MAX_SYMBOL_BYTES = 1 << 29;

/**
 * Reads a System.map or a copy of /proc/kallsyms.
 *
 * @param chunks its bytes, decompressed
 * @param name what it is called in messages
 * @throws InputError for what has no symbols with addresses
 */
export async function readSymbols(chunks: ByteChunks, name: string): Promise<KernelSymbols> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of chunks) {
    length += piece.length;
    if (length > MAX_SYMBOL_BYTES) throw noSymbols(name, `more than ${MAX_SYMBOL_BYTES} bytes`);
    pieces.push(piece);
  }
  const symbols = new KernelSymbols(concat(pieces, length));
  if (symbols.size > 0) return symbols;
  const first = new TextDecoder().decode(pieces[0]?.subarray(0, 200)).split('\n', 1)[0];
  throw noSymbols(name, `no symbol that has an address; line 1 is ${quoted(first, 60)}`);
}

const noSymbols = (name: string, found: string): InputError =>
  new InputError({
    where: `--symbols ${name}`,
    found,
    expected: 'lines such as "ffff800080010000 T _text"',
    advice:
      'Give the System.map of the kernel that recorded the trace, or its /proc/kallsyms, read as root: `sudo cat /proc/kallsyms > FILE`.',
  });
