import { beginsFile } from './parse-diff.ts';

/** A patch's mail in its pieces. */
export interface SplitBody {
  /** `From:` and `Subject:` at the top of the body: the true author, and the true subject. */
  readonly from: string | undefined;
  readonly subject: string | undefined;
  /** The commit's message, trailers included. */
  readonly message: readonly string[];
  /** Between `---` and the diff: notes and diffstat. */
  readonly notes: readonly string[];
  /** The index of the first line of the diffs; the number of lines if there are none. */
  readonly diffStart: number;
}

/**
 * Whether a line is scissors (mailinfo.c:is_scissors_line): dashes and `>8` or `8<`, at least eight characters of which a
 * third or more.
 */
export function isScissors(line: string): boolean {
  const text = line.trim();
  if (text.length < 8 || text.length > 200 || !/^[->8<%cut hereCUTHERE]+$/.test(text)) return false;
  const scissors = text.match(/>8|8<|>%|%</g)?.length ?? 0;
  const dashes = text.match(/-/g)?.length ?? 0;
  return scissors > 0 && dashes > 0 && 3 * (dashes + 2 * scissors) > text.length && /^(?:-|>8|8<|>%|%<)/.test(text);
}

const IN_BODY = /^(from|subject|date): *(\S.*)$/i;

/** Ends the message: `---`, with nothing behind it. */
const isDashes = (line: string): boolean => /^---\s*$/.test(line.slice(0, 200));

/** Takes the body of a mail apart as mailinfo.c of git does, with scissors. */
export function splitBody(lines: readonly string[]): SplitBody {
  let diffStart = 0;
  while (diffStart < lines.length && !beginsFile(lines, diffStart)) diffStart++;
  const text = lines.slice(0, diffStart);
  let start = text.findLastIndex(isScissors) + 1;
  while (start < text.length && text[start].trim() === '') start++;
  const found = new Map<string, string>();
  let at = start;
  for (; at < text.length; at++) {
    const match = text[at].length > 1000 ? null : IN_BODY.exec(text[at]);
    const name = match?.[1].toLowerCase();
    if (match === null || name === undefined || found.has(name)) break;
    found.set(name, match[2].trim());
  }
  // Prose that begins so is no header: a blank line comes behind one.
  const isHeader = found.size > 0 && (text[at] ?? '').trim() === '';
  const message = text.slice(isHeader ? at + 1 : start);
  const dashes = message.findIndex(isDashes);
  return {
    from: isHeader ? found.get('from') : undefined,
    subject: isHeader ? found.get('subject') : undefined,
    message: dashes < 0 ? message : message.slice(0, dashes),
    notes: dashes < 0 ? [] : message.slice(dashes + 1),
    diffStart,
  };
}
