import { quoted } from '../base/errors.ts';
import type { Mail } from '../mail/mail.ts';
import { parseDiff, type ParsedDiff } from './parse-diff.ts';
import type { Problem } from './problem.ts';
import type { MailHead } from './series.ts';
import { splitBody, type SplitBody } from './split-body.ts';
import { parseSubject, type ParsedSubject } from './subject.ts';

/** What a mail is to a series. */
export type MessageRole = 'cover' | 'patch' | 'reply' | 'other';

/** A mail, read as one of a series. */
export interface Message {
  readonly mail: Mail;
  readonly subject: ParsedSubject;
  readonly role: MessageRole;
  readonly lines: readonly string[];
  readonly body: SplitBody;
  readonly diff: ParsedDiff;
}

/**
 * Reads a mail's text for diffs. Of several readings, the one whose hunks are as long as they say is right.
 *
 * @param hunks how many are still read
 */
export function readMessage(mail: Mail, hunks: number): Message {
  let [best] = mail.readings.map((lines) => ({ lines, diff: parseDiff(lines, hunks) }));
  for (const lines of mail.readings.slice(1)) {
    if (best.diff.faults.length === 0) break;
    const diff = parseDiff(lines, hunks);
    if (diff.faults.length < best.diff.faults.length) best = { lines, diff };
  }
  const subject = parseSubject(mail.subject);
  return {
    mail,
    subject,
    role: roleOf(mail, subject, best.diff),
    lines: best.lines,
    body: splitBody(best.lines),
    diff: best.diff,
  };
}

function roleOf(mail: Mail, { isReply, isPatch, number }: ParsedSubject, { files }: ParsedDiff): MessageRole {
  if (isReply) return 'reply';
  if (number === 0) return 'cover';
  if (isPatch || files.length > 0) return 'patch';
  return mail.answers.length > 0 ? 'reply' : 'other';
}

/** Where a message stands, for people. */
export const whereIs = ({ mail }: Message): string => `${mail.source}:${mail.line}, ${quoted(mail.subject)}`;

export const headOf = ({ messageId, from, date, subject, source, line }: Mail): MailHead => ({
  messageId,
  from,
  date,
  subject,
  source,
  line,
});

/** A name with a question mark for a letter, in From or in a trailer such as Signed-off-by. */
const LOST_LETTER = /\p{L}\?+(?:\p{L}|\s+\p{Lu})/u;

/** What was wrong with the mail and its diffs. */
export function problemsOf(message: Message, patch: number | undefined): Problem[] {
  const { mail, diff, lines } = message;
  const where = whereIs(message);
  const names = [
    mail.from.name,
    ...lines.filter((line) => /^[A-Za-z-]{3,30}-by: /.test(line.slice(0, 40))).map((line) => line.slice(0, 200)),
  ];
  const lostName = names.find((name) => LOST_LETTER.test(name));
  return [
    ...mail.faults.map(({ kind, found, expected }) => ({ kind, patch, where, found, expected })),
    ...(lostName === undefined
      ? []
      : [
          {
            kind: 'encoding-lost',
            patch,
            where,
            found: quoted(lostName),
            expected: 'a letter where the question mark is',
          } as const,
        ]),
    ...diff.faults.map(({ kind, path, index, found, expected }) => ({
      kind,
      patch,
      where: `${where}, ${path}, line ${index + 1} of the text`,
      found,
      expected,
    })),
  ];
}
