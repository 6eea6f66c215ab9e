import PostalMime from 'postal-mime';
import { decodeText } from './charset.ts';
import type { MailFault } from './fault.ts';
import { flowedReadings } from './flowed.ts';
import type { Header } from './header.ts';
import { LIMITS } from './limits.ts';
import type { Mail } from './mail.ts';
import type { RawMail } from './mbox.ts';
import { partsOf, type Part } from './parts.ts';
import { textBytes } from './text-bytes.ts';

/** What postal-mime makes of a header; it knows addresses, dates and encoded words. */
const DECODED_FIELDS = ['subject', 'from', 'date'];

/** Types of attachments that hold patches; `application/octet-stream` needs a name that says so. */
const PATCH_TYPES = /^(?:text|application)\/(?:x-)?(?:patch|diff)$/;
const PATCH_NAME = /\.(?:patch|diff)$/i;

/** A part that is read: what the author wrote, or a patch that is attached. */
function isRead({ contentType, header, alternative }: Part): boolean {
  if (alternative) return false;
  if (contentType.value === 'text/plain' || PATCH_TYPES.test(contentType.value)) return true;
  const name =
    contentType.parameters.get('name') ??
    /filename="?([^";]+)/i.exec(header.fields.get('content-disposition') ?? '')?.[1];
  return contentType.value === 'application/octet-stream' && PATCH_NAME.test(name ?? '');
}

/** Undoes quoted-printable and base64. Other bodies are what they are. */
async function decodedBody({ body: sent, header }: Part): Promise<Uint8Array> {
  const encoding = (header.fields.get('content-transfer-encoding') ?? '').trim().toLowerCase();
  if (encoding !== 'quoted-printable' && encoding !== 'base64') return sent;
  const body = sent.subarray(0, endOfLines(sent, LIMITS.lines));
  // The part alone, as an attachment: those are given back as bytes.
  const head = textBytes(
    `Content-Type: application/octet-stream\nContent-Disposition: attachment\nContent-Transfer-Encoding: ${encoding}\n\n`,
  );
  const mail = new Uint8Array(head.length + body.length);
  mail.set(head);
  mail.set(body, head.length);
  const [attachment] = (await PostalMime.parse(mail)).attachments;
  const content = attachment?.content;
  return content instanceof ArrayBuffer ? new Uint8Array(content) : body;
}

/** Where the first lines of a body end. */
function endOfLines(body: Uint8Array, count: number): number {
  let lines = 0;
  for (let at = 0; at < body.length; at++) if (body[at] === 10 && ++lines === count) return at + 1;
  return body.length;
}

interface ReadPart {
  readonly readings: readonly (readonly string[])[];
  readonly faults: readonly MailFault[];
}

const overLimit = (found: string, expected: string): MailFault => ({ kind: 'over-limit', found, expected });

async function readPart(part: Part, crlf: boolean): Promise<ReadPart> {
  const { parameters } = part.contentType;
  const bytes = await decodedBody(part);
  const { text, faults } = decodeText(bytes, parameters.get('charset'));
  // What was sent as it is ends its lines as the mail does. What was encoded is as it was in the file, but for programs that
  // encode the line ends of mail: then the message has them as well.
  const transportsCrlf = bytes === part.body ? crlf : endsAllLinesInCrlf(text);
  const { lines, tooLong } = linesOf(transportsCrlf ? text.replaceAll('\r\n', '\n') : text);
  const flowed = parameters.get('format')?.toLowerCase() === 'flowed';
  return {
    readings: flowed
      ? flowedReadings(lines, parameters.get('delsp')?.toLowerCase() === 'yes' ? 'deletes-space' : 'keeps-space')
      : [lines],
    faults: [...faults, ...tooLong],
  };
}

const endsAllLinesInCrlf = (text: string): boolean => text.endsWith('\r\n') && !/(?:^|[^\r])\n/.test(text);

function linesOf(text: string): { readonly lines: string[]; readonly tooLong: MailFault[] } {
  const tooLong: MailFault[] = [];
  const lines = text.split('\n', LIMITS.lines + 1);
  if (lines.length > LIMITS.lines) {
    tooLong.push(overLimit(`more than ${LIMITS.lines} lines`, 'fewer in one mail; the rest is not read'));
    lines.pop();
  } else if (lines.at(-1) === '') {
    lines.pop();
  }
  const longest = lines.reduce((length, line) => Math.max(length, line.length), 0);
  if (longest <= LIMITS.lineLength) return { lines, tooLong };
  tooLong.push(
    overLimit(`a line of ${longest} characters`, `at most ${LIMITS.lineLength}; the rest of it is not read`),
  );
  return { lines: lines.map((line) => line.slice(0, LIMITS.lineLength)), tooLong };
}

/** `<a@b>` without its brackets. */
const ids = (field: string | undefined): string[] =>
  [...(field ?? '').matchAll(/<([^<>\s]+)>/g)].map((match) => match[1]);

/** Whether a header says when it was written in a form that Date reads everywhere. */
const ISO = /^\d{4}-\d\d-\d\dT/;

/**
 * Reads a mail: header, text and attached patches. It is read whatever is wrong with it.
 *
 * @param source how the input is named
 */
export async function readMail(raw: RawMail, source: string): Promise<Mail> {
  const { header, parts, overLimit: left } = partsOf(raw.bytes);
  const faults: MailFault[] = left.map((found) => overLimit(found, 'less'));
  let readings: readonly (readonly string[])[] = [[]];
  for (const part of parts.filter(isRead)) {
    const read = await readPart(part, header.crlf);
    faults.push(...read.faults);
    const before = readings;
    readings = Array.from({ length: Math.max(before.length, read.readings.length) }, (_, index) =>
      (before[index] ?? before[0]).concat(read.readings[index] ?? read.readings[0]),
    );
  }
  const decoded = await decodeHeader(header);
  const lostName = `${decoded.subject} ${decoded.from.name}`.includes('\ufffd');
  if (lostName)
    faults.push({
      kind: 'encoding-lost',
      found: 'a subject or name with replacement characters (U+FFFD)',
      expected: 'the characters themselves',
    });
  const references = ids(header.fields.get('references')).toReversed();
  return {
    ...decoded,
    messageId: ids(header.fields.get('message-id'))[0],
    answers: [...new Set([...ids(header.fields.get('in-reply-to')).slice(0, 1), ...references])],
    source,
    line: raw.line,
    readings,
    faults,
  };
}

async function decodeHeader({ fields }: Header): Promise<Pick<Mail, 'from' | 'date' | 'subject'>> {
  const text = DECODED_FIELDS.flatMap((name) => (fields.has(name) ? [`${name}: ${fields.get(name)}\n`] : [])).join('');
  const { subject, from, date } = await PostalMime.parse(`${text}\n`);
  return {
    subject: (subject ?? '').replace(/\s+/g, ' ').trim(),
    from: { name: from?.name ?? '', address: from?.address ?? '' },
    date: date !== undefined && ISO.test(date) ? date : undefined,
  };
}
