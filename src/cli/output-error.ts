/** Why something could not be written, in plain words, by the code of the system error. */
const REASONS: ReadonlyMap<string, { readonly found: string; readonly advice: string }> = new Map([
  ['ENOENT', { found: 'its directory does not exist', advice: 'Make the directory, or name another file.' }],
  ['ENOTDIR', { found: 'a part of the path is not a directory', advice: 'Check the path.' }],
  ['EACCES', { found: 'no permission to write there', advice: 'Name a file in a directory of your own.' }],
  ['EPERM', { found: 'not permitted', advice: 'Name a file in a directory of your own.' }],
  ['EISDIR', { found: 'a directory', advice: 'Name a file in it.' }],
  ['ENOSPC', { found: 'no space left on the device', advice: 'Free some, or name a file on another device.' }],
  ['EDQUOT', { found: 'the disk quota is used up', advice: 'Free some space, or name a file on another device.' }],
  ['EFBIG', { found: 'the file would be too large', advice: 'Raise the limit with ulimit -f, or write elsewhere.' }],
  ['EROFS', { found: 'the file system is read-only', advice: 'Name a file on another one.' }],
  ['ETXTBSY', { found: 'a program that is running', advice: 'Name another file.' }],
  ['ENAMETOOLONG', { found: 'the name is too long', advice: 'Give a shorter one.' }],
  ['ELOOP', { found: 'symbolic links that lead in a circle', advice: 'Name another file.' }],
  ['ENXIO', { found: 'a socket, or a pipe that nobody reads', advice: 'Name a file.' }],
  ['EMFILE', { found: 'too many open files', advice: 'Raise the limit with ulimit -n.' }],
  ['EIO', { found: 'the device failed to write', advice: 'Write elsewhere.' }],
]);

/** A file, or the standard output, that could not be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly advice: string;

  constructor(where: string, found: string, advice: string, cause?: unknown) {
    super(`${where}: ${found}`, { cause });
    this.advice = advice;
  }
}

/**
 * What went wrong with an output, as an error that names it; other errors than those of the system, and of a reader that
 * went away, as they come.
 *
 * @param where the option and the path, or "standard output"
 */
export function outputError(where: string, error: unknown): unknown {
  const reason = error instanceof Error && 'code' in error ? REASONS.get(String(error.code)) : undefined;
  return reason === undefined ? error : new OutputError(where, reason.found, reason.advice, error);
}
