import { InputError } from '../base/errors.ts';

/** The error for compressed input that ends too early or cannot be decoded; `offset` is in the compressed file. */
export const brokenCompression = (
  name: string,
  format: 'gzip' | 'zstd',
  offset: number,
  how: 'cut short' | 'damaged',
): InputError =>
  new InputError({
    // Decoders notice damage only after they have read on.
    where: `${name}, ${how === 'damaged' ? 'before ' : ''}byte ${offset}`,
    found: `${format} data that are ${how}`,
    expected: how === 'cut short' ? 'more of them' : `valid ${format} data`,
    advice: `Copy the file again from where it was recorded; \`${format} -t\` tests a copy. To use what can be read: \`${format} -dc FILE | tagscope report -\`.`,
  });
