import { InputError } from '../base/errors.ts';

/**
 * The text of a file, whose encoding its byte order mark tells; UTF-8 without one.
 *
 * @param where that names the file, for the message
 * @throws InputError for bytes that are no text
 */
export function decodeText(bytes: Uint8Array, where: string): string {
  const encoding = encodingOf(bytes);
  try {
    // The mark itself is no part of the text.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new InputError({
      where,
      found: `bytes that are not ${encoding.toUpperCase()}`,
      expected: 'a text',
      advice: 'Check that it is the right file; save it as UTF-8.',
    });
  }
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
