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

/** Longer lines begin no mail. */
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
  let line = 1;
  const finish = (end: number): void => {
    const mail = bytes.subarray(start, end);
    if (isBlank(mail)) return;
    mails.push({ bytes: quotesFrom ? unquoteFrom(mail) : mail, line: startLine });
  };
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (bytes[at] === FROM[0] && end - at <= LONGEST_FROM_LINE && startsWith(bytes, at, FROM)) {
      const text = String.fromCharCode(...bytes.subarray(at, end));
      if (isFromLine(text)) {
        finish(at);
        if (mails.length >= limit) return { mails, rest: bytes.length - at };
        start = end + 1;
        startLine = line + 1;
        quotesFrom = isMboxrd(text);
      }
    }
    at = end + 1;
    line++;
  }
  finish(bytes.length);
  return { mails, rest: 0 };
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === NEWLINE || byte === 13 || byte === 32);

/** Takes one `>` from each line that is `From ` after some of them. */
function unquoteFrom(mail: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < mail.length;) {
    let from = at;
    while (mail[from] === QUOTE) from++;
    if (from > at && startsWith(mail, from, FROM)) kept.push(at);
    const newline = mail.indexOf(NEWLINE, from);
    at = newline < 0 ? mail.length : newline + 1;
  }
  if (kept.length === 0) return mail;
  const result = new Uint8Array(mail.length - kept.length);
  let from = 0;
  kept.forEach((quote, index) => {
    result.set(mail.subarray(from, quote), from - index);
    from = quote + 1;
  });
  result.set(mail.subarray(from), from - kept.length);
  return result;
}
