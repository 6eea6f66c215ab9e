/**
 * Matches names with `*` for any characters, and nothing else special, in time that grows with the name alone: names come
 * from traces, and an expression that tries every way to spread the characters over several `*` would not end.
 */
export type Glob = (name: string) => boolean;

/** A pattern made ready to be asked often. */
export function glob(pattern: string): Glob {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first) || name.length < first.length + last.length) return false;
    const end = name.length - last.length;
    let at = first.length;
    // The first place where a part fits leaves most room for the parts behind it.
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return name.endsWith(last);
  };
}

/** Matches what one of several patterns matches. */
export function anyGlob(patterns: readonly string[]): Glob {
  const globs = patterns.map(glob);
  return (name) => globs.some((matches) => matches(name));
}
