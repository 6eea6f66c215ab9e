import { parseHeader, parseStructuredField, type Header, type StructuredField } from './header.ts';
import { LIMITS } from './limits.ts';
import { textBytes } from './text-bytes.ts';

/** A part of a mail that has no parts itself: of a plain mail, all of it. */
export interface Part {
  readonly header: Header;
  readonly contentType: StructuredField;
  /** As sent: not decoded. */
  readonly body: Uint8Array;
  /** It, or a multipart around it, is one of several forms of the same content, and not the first. */
  readonly alternative: boolean;
}

export interface PartsOfMail {
  /** That of the whole mail. */
  readonly header: Header;
  readonly parts: readonly Part[];
  /** Parts were nested too deep, or too many, or something in a header was too long: what was left out, in words. */
  readonly overLimit: readonly string[];
}

/** A multipart whose parts are being read. */
interface Open {
  readonly boundary: Uint8Array;
  readonly alternative: boolean;
  readonly isAlternative: boolean;
  parts: number;
}

const NEWLINE = 10;
const DASH = 45;
const DEFAULT_TYPE = 'text/plain';

/** A mail's header is told from the text of a bare patch by one of these. */
const MAIL_FIELDS = ['from', 'subject', 'date', 'message-id', 'mime-version', 'content-type', 'to'];

/** Where the header ends, at its blank line, and where the body begins. */
function endOfHeader(bytes: Uint8Array, from: number): { readonly end: number; readonly body: number } {
  let lineStart = from;
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== NEWLINE) continue;
    if (at === lineStart || (at === lineStart + 1 && bytes[lineStart] === 13)) return { end: lineStart, body: at + 1 };
    lineStart = at + 1;
  }
  return { end: bytes.length, body: bytes.length };
}

/** Whether bytes begin with the header of a mail, not with a patch or other text. */
function headerOfMail(bytes: Uint8Array): { readonly header: Header; readonly body: number } {
  const { end, body } = endOfHeader(bytes, 0);
  const header = parseHeader(bytes.subarray(0, end));
  if (MAIL_FIELDS.some((name) => header.fields.has(name)) && /^[!-9;-~]+:/.test(firstCharacters(bytes)))
    return { header, body };
  return { header: { ...parseHeader(new Uint8Array(0)), crlf: header.crlf }, body: 0 };
}

const firstCharacters = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 80));

/**
 * Finds the parts of a mail in one pass over its lines (RFC 2046, 5.1). Boundaries that are missing end with the mail;
 * text before the first and after the last is for nobody.
 */
export function partsOf(bytes: Uint8Array): PartsOfMail {
  const { header, body } = headerOfMail(bytes);
  const parts: Part[] = [];
  const overLimit = new Set<string>();
  const open: Open[] = [];
  let current:
    | { readonly header: Header; readonly type: StructuredField; readonly start: number; readonly alternative: boolean }
    | undefined;

  const enter = (of: Header, start: number, alternative: boolean): void => {
    if (of.truncated) overLimit.add('a header that is too long');
    const type = parseStructuredField(of.fields.get('content-type') ?? DEFAULT_TYPE);
    const boundary = type.parameters.get('boundary');
    current = undefined;
    if (type.value.startsWith('multipart/') && boundary !== undefined && boundary !== '') {
      if (open.length < LIMITS.mimeDepth) {
        open.push({
          boundary: textBytes(`--${boundary}`),
          alternative,
          isAlternative: type.value === 'multipart/alternative',
          parts: 0,
        });
      } else {
        overLimit.add(`parts nested deeper than ${LIMITS.mimeDepth}`);
      }
      return;
    }
    current = { header: of, type, start, alternative };
  };
  const leave = (end: number): void => {
    if (current === undefined) return;
    if (parts.length < LIMITS.mimeParts) {
      const { header: of, type, start, alternative } = current;
      parts.push({ header: of, contentType: type, body: bytes.subarray(start, Math.max(start, end)), alternative });
    } else {
      overLimit.add(`more than ${LIMITS.mimeParts} parts`);
    }
    current = undefined;
  };

  enter(header, body, false);
  let at = body;
  while (open.length > 0 && at < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const boundary = bytes[at] === DASH && bytes[at + 1] === DASH ? boundaryAt(bytes, at, end, open) : undefined;
    let next = end + 1;
    if (boundary !== undefined) {
      // The line feed before a boundary belongs to it.
      leave(at - 1);
      open.length = boundary.depth + 1;
      if (boundary.last) {
        open.length = boundary.depth;
      } else {
        const multipart = open[boundary.depth];
        const start = Math.min(next, bytes.length);
        const head = endOfHeader(bytes, start);
        enter(
          parseHeader(bytes.subarray(start, head.end)),
          head.body,
          multipart.alternative || (multipart.isAlternative && multipart.parts > 0),
        );
        multipart.parts++;
        next = head.body;
      }
    }
    at = next;
  }
  leave(bytes.length);
  return { header, parts, overLimit: [...overLimit] };
}

/** The multipart that a line is a boundary of, the innermost one first. */
function boundaryAt(
  bytes: Uint8Array,
  at: number,
  end: number,
  open: readonly Open[],
): { readonly depth: number; readonly last: boolean } | undefined {
  for (let depth = open.length - 1; depth >= 0; depth--) {
    const { boundary } = open[depth];
    if (end - at < boundary.length || !boundary.every((byte, index) => bytes[at + index] === byte)) continue;
    let rest = at + boundary.length;
    const last = bytes[rest] === DASH && bytes[rest + 1] === DASH && rest + 2 <= end;
    if (last) rest += 2;
    while (rest < end && (bytes[rest] === 32 || bytes[rest] === 9 || bytes[rest] === 13)) rest++;
    if (rest === end) return { depth, last };
  }
  return undefined;
}
