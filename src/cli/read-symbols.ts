import { InputError, quoted } from '../base/errors.ts';
import { KernelSymbols } from '../formats/symbols/kallsyms.ts';
import { concat } from './byte-stream.ts';
import { decompress } from './decompress.ts';
import { openSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/** A kernel with all of its modules has some 20 MB of symbols. */
const MAX_SYMBOL_BYTES = 1 << 29;

/**
 * Reads a System.map or a copy of /proc/kallsyms, plain or compressed.
 *
 * @throws InputError for what has no symbols with addresses; system errors as they come
 */
export async function readSymbols(path: string, surroundings: Surroundings): Promise<KernelSymbols> {
  const source = await openSource(path, surroundings, 'a list of symbols');
  try {
    const { chunks } = await decompress(source.chunks, path);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of chunks) {
      length += piece.length;
      if (length > MAX_SYMBOL_BYTES) throw noSymbols(path, `more than ${MAX_SYMBOL_BYTES} bytes`);
      pieces.push(piece);
    }
    const symbols = new KernelSymbols(concat(pieces, length));
    if (symbols.size === 0) {
      const first = new TextDecoder().decode(pieces[0]?.subarray(0, 200)).split('\n', 1)[0];
      throw noSymbols(path, `no symbol that has an address; line 1 is ${quoted(first, 60)}`);
    }
    return symbols;
  } finally {
    source.close();
  }
}

const noSymbols = (path: string, found: string): InputError =>
  new InputError({
    where: `--symbols ${path}`,
    found,
    expected: 'lines such as "ffff800080010000 T _text"',
    advice:
      'Give the System.map of the kernel that recorded the trace, or its /proc/kallsyms, read as root: `sudo cat /proc/kallsyms > FILE`.',
  });
