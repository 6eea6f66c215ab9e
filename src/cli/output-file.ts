import { accessSync, constants, lstatSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { chmod, copyFile, link, open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { refuseWhatIsRead } from './files-read.ts';
import { outputError } from './output-error.ts';
import { whileUnfinished } from './while-unfinished.ts';

/** A file that a command is going to write. */
export interface OutputFile {
  /** The path that was given. */
  readonly path: string;
  /** Writes all of it; when that fails, what was there before is there still, and nothing else. */
  write(whole: string | Uint8Array): Promise<void>;
  /**
   * Has somebody write it under another name, which it loses when it is whole.
   *
   * @param fill writes the file of the path that it is given, which is there and empty
   */
  fill(fill: (partial: string) => void | Promise<void>): Promise<void>;
}

/**
 * Claims a file to be written, before the work is done whose result it is to take.
 *
 * @param where the option and the path, for messages
 * @param force whether it may exist
 * @param read the files that the command reads, which no option lets it destroy
 * @throws UsageError if it exists and may not, or is read; OutputError if it cannot be written
 */
export function claimOutput(where: string, path: string, force: boolean, read: readonly string[]): OutputFile {
  try {
    return claim(where, path, force, read);
  } catch (error) {
    throw outputError(where, error);
  }
}

function claim(where: string, path: string, force: boolean, read: readonly string[]): OutputFile {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info?.isDirectory() === true) throw new UsageError(`${where}: a directory`, 'Name a file in it.');
  refuseWhatIsRead(where, path, read);
  // A device or a FIFO is not overwritten by writing to it.
  if (info !== undefined && !info.isFile()) {
    return {
      path,
      write: (whole) => named(where, () => writeFile(path, whole)),
      fill: () => Promise.reject(new UsageError(`${where}: not a file`, 'Name a file to write.')),
    };
  }
  if (info !== undefined && !force) throw wouldOverwrite(where);
  // What a link leads to is written, and the link stays.
  const target = info === undefined ? linkTarget(where, path) : realpathSync(path);
  if (info !== undefined) accessSync(target, constants.W_OK);
  accessSync(dirname(target), constants.W_OK | constants.X_OK);
  const replace = { where, target, mode: info?.mode, force };
  return {
    path,
    write: (whole) => replaceFile(replace, (partial) => writeFile(partial, whole)),
    fill: (fill) => replaceFile(replace, fill),
  };
}

/** A link that leads nowhere yet is not written over either. */
function linkTarget(where: string, path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new UsageError(`${where}: a symbolic link that leads nowhere`, 'Remove it, or name another file.');
  return path;
}

interface Replacement {
  readonly where: string;
  readonly target: string;
  /** Of the file that is there already. */
  readonly mode: number | undefined;
  readonly force: boolean;
}

/** Makes a file under another name and gives it its own when it is whole: half a result would look like a whole one. */
async function replaceFile(
  { where, target, mode, force }: Replacement,
  fill: (partial: string) => void | Promise<void>,
): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  const remove = (): void => {
    try {
      unlinkSync(partial);
    } catch {
      // It has its own name already, or was never made.
    }
  };
  // A file that is mounted by itself, as containers do, can be written and not replaced.
  const copied = (error: unknown): Promise<void> => {
    if (codeOf(error) === 'EBUSY' && mode !== undefined) return copyFile(partial, target);
    throw error;
  };
  await named(where, () =>
    whileUnfinished(remove, async () => {
      await (await open(partial, 'wx')).close();
      try {
        await fill(partial);
        if (mode !== undefined) await chmod(partial, mode & 0o777);
        await (force ? rename(partial, target).catch(copied) : nameAnew(where, partial, target));
      } finally {
        remove();
      }
    }),
  );
}

/** Gives a file a name that nothing else has by now. */
async function nameAnew(where: string, partial: string, target: string): Promise<void> {
  await link(partial, target).then(
    () => unlink(partial),
    (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw wouldOverwrite(where);
      // Not every file system has hard links.
      return rename(partial, target);
    },
  );
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

async function named<Result>(where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw outputError(where, error);
  }
}

const wouldOverwrite = (where: string): UsageError =>
  new UsageError(`${where}: the file exists`, 'Give another name, or --force to overwrite it.');
