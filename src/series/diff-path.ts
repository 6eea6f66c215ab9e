/** No file: the other side of a file that is created or deleted. */
const DEV_NULL = '/dev/null';

/** What `git diff` puts before its paths, also with diff.mnemonicPrefix. */
const GIT_PREFIX = /^[abciow12]\//;

/** A path of a diff and where it ends. */
interface Taken {
  readonly path: string;
  readonly length: number;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** Undoes the quotes that git puts around paths with bytes of their own (quote.c:unquote_c_style). */
export function unquotePath(text: string): Taken | undefined {
  if (!text.startsWith('"')) return undefined;
  const bytes: number[] = [];
  for (let at = 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return { path: new TextDecoder().decode(Uint8Array.from(bytes)), length: at + 1 };
    if (character !== '\\') {
      // Git quotes what is not ASCII, so this is.
      bytes.push(character.charCodeAt(0));
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4));
    const escape = ESCAPES[text[at + 1] ?? ''];
    if (octal !== null) bytes.push(Number.parseInt(octal[0], 8));
    else if (escape !== undefined) bytes.push(escape);
    else return undefined;
    at += octal === null ? 1 : 3;
  }
  return undefined;
}

/** The path of a `--- ` or `+++ ` line, which may have a time behind it. */
export function pathOfLine(text: string): string {
  const quoted = unquotePath(text);
  if (quoted !== undefined) return quoted.path;
  const tab = text.indexOf('\t');
  return (tab < 0 ? text : text.slice(0, tab)).trimEnd();
}

/** The paths of a `diff --git` line, with prefixes; undefined where it is not clear where the first ends. */
export function pathsOfGitLine(text: string): readonly [oldPath: string, newPath: string] | undefined {
  const first = unquotePath(text);
  if (first !== undefined) {
    const rest = text.slice(first.length + 1);
    return [first.path, unquotePath(rest)?.path ?? rest];
  }
  const quote = text.indexOf(' "');
  if (quote > 0) return [text.slice(0, quote), unquotePath(text.slice(quote + 1))?.path ?? ''];
  // Both are the same but for the prefix, unless the file is renamed, which other lines tell.
  const middle = (text.length - 1) / 2;
  const halves = [text.slice(0, middle), text.slice(middle + 1)] as const;
  if (text[middle] === ' ' && withoutFirst(halves[0]) === withoutFirst(halves[1])) return halves;
  const words = text.split(' ');
  return words.length === 2 ? [words[0], words[1]] : undefined;
}

const withoutFirst = (path: string): string => path.slice(path.indexOf('/') + 1);

/** The paths of a file before and after a patch, without the prefixes; undefined for no file. */
export function stripPrefixes(
  oldPath: string | undefined,
  newPath: string | undefined,
): { readonly oldPath: string | undefined; readonly newPath: string | undefined } {
  const before = oldPath === DEV_NULL ? undefined : oldPath;
  const after = newPath === DEV_NULL ? undefined : newPath;
  const strips = hasPrefixes(before, after);
  const strip = (path: string | undefined): string | undefined =>
    path !== undefined && strips ? withoutFirst(path) : path;
  return { oldPath: strip(before), newPath: strip(after) };
}

/** Git's prefixes, or two directories that differ (`linux.orig/` and `linux/`); not those of `git diff --no-prefix`. */
function hasPrefixes(oldPath: string | undefined, newPath: string | undefined): boolean {
  const paths = [oldPath, newPath].filter((path) => path !== undefined);
  if (paths.every((path) => GIT_PREFIX.test(path))) return true;
  return (
    oldPath !== undefined &&
    newPath !== undefined &&
    oldPath !== newPath &&
    oldPath.includes('/') &&
    withoutFirst(oldPath) === withoutFirst(newPath)
  );
}
