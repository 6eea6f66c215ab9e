import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { InputError } from '../base/errors.ts';
import type { KernelTree } from '../review/understood.ts';

/** No file of a kernel tree that a person wrote is larger. */
const MAX_FILE_BYTES = 4 << 20;
/** Linux 7.3 has 95,000 files. */
const MAX_FILES = 400_000;

/** Architectures that have no hardware tags, and what is no source. */
const isLeftOut = (path: string): boolean =>
  (path.startsWith('arch/') && !path.startsWith('arch/arm64') && path !== 'arch') ||
  /^(?:\.git|tools|samples|LICENSES)(?:\/|$)/.test(path);

const isRead = (path: string): boolean => /\.(?:c|h|rst|txt)$/.test(path);

/**
 * A kernel tree, or a part of one with its folders. Only files inside it are read, whatever path a patch names.
 *
 * @throws InputError for what is no directory, or no kernel
 */
export function kernelTree(directory: string): KernelTree {
  const root = rootOf(directory);
  let files: readonly string[] | undefined;
  const read = (path: string): string | undefined => {
    const whole = resolveInside(root, path);
    if (whole === undefined || statSync(whole).size > MAX_FILE_BYTES) return undefined;
    return readFileSync(whole, 'utf8');
  };
  return {
    read,
    filesWith(name) {
      files ??= listFiles(root);
      const wanted = Buffer.from(name);
      const word = new RegExp(`(?<![\\w])${name.replace(/[^\w.]/g, '')}(?![\\w])`);
      return files.filter((path) => {
        const whole = resolveInside(root, path);
        if (whole === undefined || statSync(whole).size > MAX_FILE_BYTES) return false;
        const bytes = readFileSync(whole);
        return bytes.includes(wanted) && word.test(bytes.toString('latin1'));
      });
    },
  };
}

function rootOf(directory: string): string {
  const info = statSync(directory, { throwIfNoEntry: false });
  const looksLikeKernel =
    info?.isDirectory() === true &&
    ['mm', 'kernel', 'include', 'arch'].some(
      (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory() === true,
    );
  if (looksLikeKernel) return realpathSync(directory);
  throw new InputError({
    where: `--tree ${directory}`,
    found:
      info === undefined
        ? 'nothing'
        : info.isDirectory()
          ? 'a directory without mm, kernel, include or arch'
          : 'a file',
    expected: 'a kernel tree, or a part of one with the same folders',
    advice: 'Give the top of a kernel source tree, at the commit that the series applies to.',
  });
}

/** The real path of a file of the tree; undefined for one that is not there or leads out of it. */
function resolveInside(root: string, path: string): string | undefined {
  if (path === '' || path.includes('\0')) return undefined;
  try {
    const whole = realpathSync(join(root, path));
    return whole.startsWith(root + sep) && statSync(whole).isFile() ? whole : undefined;
  } catch {
    return undefined;
  }
}

function listFiles(root: string): readonly string[] {
  const found: string[] = [];
  const folders = [''];
  while (folders.length > 0 && found.length < MAX_FILES) {
    const folder = folders.pop() ?? '';
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isLeftOut(path)) continue;
      // Links are left out: what they lead to is listed where it is.
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && isRead(path)) found.push(path);
    }
  }
  return found.toSorted();
}
