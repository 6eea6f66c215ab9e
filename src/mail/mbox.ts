import { textBytes } from './text-bytes.ts';

/** One mail as it lies in its file. */
export interface RawMail {
  readonly bytes: Uint8Array;
  /** The line, from 1, that its header begins at. */
  readonly line: number;
}

const NEWLINE = 10;
const QUOTE = 62;
const FROM = textBytes('From ');

/** Other lines begin no mail; the shortest is git's. */
const SHORTEST_FROM_LINE = 20;
const LONGEST_FROM_LINE = 200;

const startsWith = (bytes: Uint8Array, at: number, prefix: Uint8Array): boolean =>
  prefix.every((byte, index) => bytes[at + index] === byte);

/**
 * Whether a line begins a mail, by git's rule (builtin/mailsplit.c:is_from_line): `From `, and at the end a time and a year
 * above 90. A blank line need not come before it, and a sentence that begins with "From " has no time.
 */
export function isFromLine(line: string): boolean {
  if (!line.startsWith('From ')) return false;
  const colon = line.lastIndexOf(':');
  return /\d:\d\d:$/.test(line.slice(Math.max(5, colon - 4), colon + 1)) && isRecentYear(line.slice(colon + 1));
}

/** What stands behind the last colon of a From line: seconds and a year. */
function isRecentYear(secondsAndYear: string): boolean {
  const match = /^\d\d\s*(\d{1,9})/.exec(secondsAndYear);
  return match !== null && Number(match[1]) > 90;
}

/** mboxrd, as `git format-patch --pretty=mboxrd` and lore write it, says so in its From line. */
const isMboxrd = (fromLine: string): boolean => fromLine.startsWith('From mboxrd@');

/**
 * Cuts a mailbox into mails. What has no From line is one mail.
 *
 * @param limit how many mails are cut off; the rest is left in `rest`
 */
export function splitMbox(bytes: Uint8Array, limit: number): { readonly mails: RawMail[]; readonly rest: number } {
  const mails: RawMail[] = [];
  let start = 0;
  let startLine = 1;
  let quotesFrom = false;
  const finish = (end: number): void => {
    const mail = bytes.subarray(start, end);
    if (isBlank(mail)) return;
    mails.push({ bytes: quotesFrom ? unquoteFrom(mail) : mail, line: startLine });
  };
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== NEWLINE) continue;
    const fromLine = fromLineAt(bytes, lineStart, at);
    if (fromLine !== undefined) {
      finish(lineStart);
      if (mails.length >= limit) return { mails, rest: bytes.length - lineStart };
      start = Math.min(at + 1, bytes.length);
      startLine = line + 1;
      quotesFrom = isMboxrd(fromLine);
    }
    lineStart = at + 1;
    line++;
  }
  finish(bytes.length);
  return { mails, rest: 0 };
}

/** The text of a line, if it begins a mail. */
function fromLineAt(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  if (bytes[start] !== FROM[0] || length < SHORTEST_FROM_LINE || length > LONGEST_FROM_LINE) return undefined;
  if (!startsWith(bytes, start, FROM)) return undefined;
  const line = String.fromCharCode(...bytes.subarray(start, end));
  return isFromLine(line) ? line : undefined;
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === NEWLINE || byte === 13 || byte === 32);

/** Takes one `>` from each line that is `From ` after some of them. */
function unquoteFrom(mail: Uint8Array): Uint8Array {
  const result = new Uint8Array(mail.length);
  let length = 0;
  for (let at = 0; at < mail.length; at++) {
    const quotes = mail[at] === QUOTE && (at === 0 || mail[at - 1] === NEWLINE);
    if (quotes && isQuotedFrom(mail, at)) continue;
    result[length++] = mail[at];
  }
  return result.subarray(0, length);
}

function isQuotedFrom(mail: Uint8Array, at: number): boolean {
  let from = at;
  while (mail[from] === QUOTE) from++;
  return startsWith(mail, from, FROM);
}
