import { fstatSync, statSync } from 'node:fs';
import { UsageError } from '../base/errors.ts';
import type { Command } from '../options/command.ts';
import { filesNamed } from '../options/files-named.ts';
import type { GivenValues } from '../options/option.ts';
import type { Output } from './surroundings.ts';

/** What a command reads: the files of its arguments, and those that its options name. */
export const filesRead = (
  { options }: Pick<Command, 'options'>,
  given: GivenValues,
  inputs: readonly string[],
): readonly string[] => [...inputs, ...filesNamed(options, given)].filter((path) => path !== '-');

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** The file behind a path, whatever its name; of `archive.zip/member` the archive. Numbers of files may need all of 64 bits. */
function identityOf(path: string): Identity | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    try {
      const info = statSync(path.slice(0, end), { bigint: true });
      return info.isDirectory() && end < path.length ? undefined : info;
    } catch {
      // Perhaps a member of an archive, whose path is shorter.
    }
  }
  return undefined;
}

/**
 * Refuses to write over a file that is read, by whatever name it goes.
 *
 * @param where that names what is written, for the message
 * @throws UsageError
 */
export function refuseWhatIsRead(where: string, path: string, read: readonly string[]): void {
  const written = identityOf(path);
  const input = written === undefined ? undefined : findFile(written, read);
  if (input === undefined) return;
  throw new UsageError(
    `${where}: the file${input === path ? '' : ` ${input}`} is read, and would be overwritten`,
    'Give another name: --force does not destroy what a command reads.',
  );
}

/** The same for a standard output that the shell has opened, as `>> FILE` does. @throws UsageError */
export function refuseRedirection({ fd }: Output, read: readonly string[]): void {
  if (fd === undefined) return;
  const info = fstatSync(fd, { bigint: true });
  const input = info.isFile() ? findFile(info, read) : undefined;
  if (input === undefined) return;
  throw new UsageError(
    `${input} is read, and is the standard output too`,
    'Redirect the output to another file, or name one with -o.',
  );
}

const findFile = (written: Identity, read: readonly string[]): string | undefined =>
  read.find((path) => {
    const found = identityOf(path);
    return found?.dev === written.dev && found.ino === written.ino;
  });
