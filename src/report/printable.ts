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

/** Shortens a name in the middle, so that its beginning and its end, which tell names apart, stay readable. */
export function shortenMiddle(text: string, width: number, unicode: boolean): string {
  if (text.length <= width) return text;
  const mark = unicode ? '…' : '~';
  if (width <= 1) return mark.slice(0, width);
  const head = Math.ceil((width - 1) / 2);
  const tail = width - 1 - head;
  return text.slice(0, head) + mark + text.slice(text.length - tail);
}
