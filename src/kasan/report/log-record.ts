import { cleanLine, MAX_LINE } from './log-line.ts';

/** Records are a few times as long as their text. */
const MAX_RECORD = 8 * MAX_LINE;
/** systemd, journalctl -o json: one object a line. */
const JOURNAL = /^\s{0,16}\{.{0,8192}"MESSAGE"\s{0,4}:/;
/** util-linux, dmesg --json: an object over several lines, of which one has the text. */
const DMESG_TEXT = /^\s{1,32}"msg":\s{0,16}(".{0,16384}")\s{0,4},?$/;
const DMESG_REST = /^\s{1,32}(?:"(?:fac|pri|time|caller|level|dmesg)":.{0,200}|[{}\]],?\{?)$/;

/** Reads a log line by line, as text or as the records of a logger that writes JSON. */
export class LogRecords {
  /** Whether the log is of dmesg --json: other logs may have a line that looks like the rest of a record. */
  #isOfDmesg = false;

  /**
   * The lines of text that a line of a log has. It is one, but where a logger writes JSON: then those of the record, and an
   * empty one for what is no text.
   */
  linesOf(raw: string): readonly string[] {
    const first = /\S/.exec(raw.slice(0, 64))?.[0];
    if ((first !== '{' && first !== '"' && first !== '}' && first !== ']') || raw.length > MAX_RECORD)
      return [cleanLine(raw)];
    const text = DMESG_TEXT.exec(raw)?.[1];
    const message = text === undefined ? (JOURNAL.test(raw) ? messageOf(raw) : undefined) : textOf(parsed(text));
    if (text !== undefined && message !== undefined) this.#isOfDmesg = true;
    if (message !== undefined) return message.split('\n').map(cleanLine);
    return this.#isOfDmesg && DMESG_REST.test(raw) ? [''] : [cleanLine(raw)];
  }
}

/** The value of JSON, or undefined for what is none. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function messageOf(record: string): string | undefined {
  const value = parsed(record);
  return isRecord(value) ? textOf(value['MESSAGE']) : undefined;
}

/** journalctl writes text that is not UTF-8 as an array of bytes. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const bytes = value.filter((byte): byte is number => typeof byte === 'number');
  return bytes.length === value.length ? new TextDecoder().decode(Uint8Array.from(bytes)) : undefined;
}
