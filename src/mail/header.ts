import { decodeText } from './charset.ts';
import { LIMITS } from './limits.ts';

/** The header of a mail or of one of its parts. */
export interface Header {
  /** By name in lower case, unfolded, not decoded; the first of each, as others who read the mail would take it. */
  readonly fields: ReadonlyMap<string, string>;
  /** Its lines end in CR LF, so those of the body do. */
  readonly crlf: boolean;
  /** Something was longer than what is read. */
  readonly truncated: boolean;
}

const FIELD = /^([!-9;-~]{1,80}):[ \t]*/;

/** Makes fields of the lines of a header, given as bytes without the blank line. */
export function parseHeader(bytes: Uint8Array): Header {
  const { text } = decodeText(bytes.subarray(0, LIMITS.headerBytes), undefined);
  const fields = new Map<string, string[]>();
  let truncated = bytes.length > LIMITS.headerBytes;
  let current: string[] = [];
  for (const line of text.split('\n')) {
    const content = line.replace(/\r$/, '');
    if (/^[ \t]/.test(content)) {
      current.push(content);
      continue;
    }
    const match = FIELD.exec(content);
    if (match === null) continue;
    current = [content.slice(match[0].length)];
    const name = match[1].toLowerCase();
    if (!fields.has(name)) fields.set(name, current);
  }
  const unfolded = new Map<string, string>();
  for (const [name, lines] of fields) {
    const value = lines.join('').trim();
    if (value.length > LIMITS.fieldLength) truncated = true;
    unfolded.set(name, value.slice(0, LIMITS.fieldLength));
  }
  const newline = bytes.indexOf(10);
  return { fields: unfolded, crlf: newline > 0 && bytes[newline - 1] === 13, truncated };
}

/** A field such as Content-Type: a value and its parameters, both without quotes; names and value in lower case. */
export interface StructuredField {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Takes `text/plain; charset="utf-8"` apart. */
export function parseStructuredField(field: string): StructuredField {
  const pieces: string[] = [''];
  let quoted = false;
  for (let at = 0; at < field.length; at++) {
    const character = field[at];
    if (character === '"') quoted = !quoted;
    else if (character === ';' && !quoted) pieces.push('');
    else if (character === '\\' && quoted) pieces[pieces.length - 1] += field[++at] ?? '';
    else pieces[pieces.length - 1] += character;
  }
  const parameters = new Map<string, string>();
  for (const piece of pieces.slice(1)) {
    const equals = piece.indexOf('=');
    const name = piece.slice(0, equals).trim().toLowerCase();
    if (equals > 0 && !parameters.has(name)) parameters.set(name, piece.slice(equals + 1).trim());
  }
  return { value: pieces[0].trim().toLowerCase(), parameters };
}
