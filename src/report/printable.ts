/**
 * Text from a trace, a policy file or a command line, safe to print: one line, no escape sequences and nothing else that
 * moves a terminal's cursor; characters that cannot be shown become `?`.
 *
 * @param unicode whether characters beyond ASCII may be printed
 */
export function printable(text: string, unicode: boolean): string {
  // Control, format, surrogate, private and unassigned characters; separators but the space; marks that combine.
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}\p{M}]/gu, '?').replace(/\p{Zs}/gu, ' ');
  if (unicode) return clean;
  return clean
    .replace(/[–—]/g, '-')
    .replace(/…/g, '...')
    .replace(/→/g, '->')
    .replace(/×/g, 'x')
    .replace(/[^\x20-\x7e]/gu, '?');
}

/**
 * A name from a trace for a table cell: printable, and of characters that are one column wide. Kernel symbols are ASCII;
 * command names may be anything.
 */
export function cellText(text: string, unicode: boolean): string {
  return printable(text, unicode).replace(/[^\x20-\u024f]/gu, '?');
}

/**
 * Shortens names for one column so that different ones stay different. Masks of gfp flags begin and end alike: of those
 * that would look the same, what stands where they differ is kept instead of their ends.
 */
export function shortenApart(names: readonly string[], width: number, unicode: boolean): readonly string[] {
  const short = names.map((name) => shortenMiddle(name, width, unicode));
  const alike = new Map<string, Set<string>>();
  for (const [index, text] of short.entries()) alike.set(text, (alike.get(text) ?? new Set()).add(names[index]));
  return names.map((name, index) => {
    const group = [...(alike.get(short[index]) ?? [])];
    return group.length < 2 ? short[index] : aroundDifference(name, group, width, unicode);
  });
}

/** The beginning of a name, and what follows where it begins to differ from the others of its group. */
function aroundDifference(name: string, group: readonly string[], width: number, unicode: boolean): string {
  const mark = unicode ? '…' : '~';
  const [first] = group;
  let same = 0;
  while (same < name.length && group.every((other) => other[same] === first[same])) same++;
  // A whole word tells more than its end.
  const begun = Math.max(0, name.slice(0, same).search(/\w*$/));
  const head = name.slice(0, Math.floor((width - 1) / 3));
  if (begun <= head.length) return shortenEnd(name, width, mark);
  return head + mark + shortenEnd(name.slice(begun), width - head.length - 1, mark);
}

const shortenEnd = (text: string, width: number, mark: string): string =>
  text.length <= width ? text : text.slice(0, Math.max(0, width - 1)) + mark;

/** Shortens a name in the middle, so that its beginning and its end, which tell names apart, stay readable. */
export function shortenMiddle(text: string, width: number, unicode: boolean): string {
  if (text.length <= width) return text;
  const mark = unicode ? '…' : '~';
  if (width <= 1) return mark.slice(0, width);
  const head = Math.ceil((width - 1) / 2);
  const tail = width - 1 - head;
  return text.slice(0, head) + mark + text.slice(text.length - tail);
}
