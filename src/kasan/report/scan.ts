import type { ReportForm, ReportPart, TakeLine } from './form.ts';
import { beginFrames } from './forms/dump.ts';
import { MEMORY_ROWS } from './forms/memory.ts';
import { REPORT_FORMS } from './forms.ts';
import { readTitle, reportOf, type Draft } from './draft.ts';
import { isSureFrame } from './frame.ts';
import { joinedLine } from './join-lines.ts';
import { ReportPrefix } from './log-line.ts';
import { LogRecords } from './log-record.ts';
import type { KasanReport } from './report.ts';

/** A line of a log, without its prefix, and its number from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** A report that was found in a log. Each of its lines is part of it, unread, foreign or empty. */
export interface FoundReport {
  /** Number of the line that it begins at, from 1, and of the last one that is part of it. */
  readonly line: number;
  readonly end: number;
  /** The last title line: the kernel's own. */
  readonly title: string;
  readonly report: KasanReport;
  /** What each line was read as. */
  readonly parts: ReadonlyMap<number, ReportPart>;
  /** Lines inside it that are no part of a report: what other CPUs printed, or what this parser does not know. */
  readonly unread: readonly NumberedLine[];
  /** Lines inside it that the log says another CPU or task printed. */
  readonly foreign: readonly NumberedLine[];
  /** Stacks with unread lines between their frames: they may lack some. */
  readonly interrupted: readonly ReportPart[];
  /** What of the report is not there, in words. */
  readonly missing: readonly string[];
  /** Versions that write the forms it has; what is undefined does not bound them. */
  readonly kernels: NonNullable<ReportForm['kernels']>;
}

/** A title with nothing behind it that can be read. */
export interface BrokenReport {
  readonly line: number;
  readonly title: string;
  readonly reason: string;
}

/** What a log holds. */
export type Found = { readonly read: FoundReport } | { readonly broken: BrokenReport };

/** What begins a report, in whatever a log puts before it. */
export const TITLE_START = 'BUG: KASAN: ';

/** A report has stacks of at most 64 frames and a call trace; more lines than this belong to something else. */
const MAX_REPORT_LINES = 2000;
/** So many lines in a row that nothing takes: the report is over, or the log is about something else by now. */
const MAX_UNREAD_RUN = 200;

/** What stands above and below every report: 66 times "=". SLUB's own have 77; quoted-printable writes =3D. */
const SEPARATOR_LINE = /^ ?(?:={60,70}|(?:=3D){20,}=?(?:3D)?)\s*$/;

/** What is printed when something else goes wrong, or when the kernel stops: no report goes on behind it. */
const OTHER_FAULT =
  /^(?:Unable to handle kernel|Internal error: |Oops(?: - |: )|BUG: (?!KASAN)|general protection fault|-{12}\[ cut here|Kernel panic - |Kernel Offset: |Rebooting in |---\[ end |WARNING: |SMP: stopping secondary|watchdog: BUG|-- $|---$|diff --git |Signed-off-by: |Reported-by: |Link: https?:)/;
const DISABLING = /^Disabling lock debugging due to kernel taint\s*$/;

/** Finds the reports in a log that comes line by line. Memory is bounded by the longest report. */
export class ReportScanner {
  readonly #found: (found: Found) => void;
  readonly #records = new LogRecords();
  #open: OpenReport | undefined;

  constructor(found: (found: Found) => void) {
    this.#found = found;
  }

  /** Whether no report is open: lines without TITLE_START need not be pushed. */
  get isIdle(): boolean {
    return this.#open === undefined;
  }

  /** Takes the next line, or the next one that may matter. */
  push(raw: string, number: number): void {
    for (const line of this.#records.linesOf(raw)) this.#push(line, number);
  }

  #push(line: string, number: number): void {
    const at = line.indexOf(TITLE_START);
    if (at >= 0 && this.#open?.takeTitle(line, number) !== true) {
      this.#close();
      this.#open = new OpenReport(line.slice(0, at), { number, text: line.slice(at) });
    } else if (at < 0 && this.#open !== undefined) {
      this.#open.take(line, number);
      if (this.#open.isOver) this.#close();
    }
  }

  /** Must be called at the end of the log. */
  end(): void {
    this.#close();
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#found(this.#open.finish());
    this.#open = undefined;
  }
}

/** A report that is being read. */
class OpenReport {
  isOver = false;
  readonly #prefix: ReportPrefix;
  readonly #line: number;
  readonly #draft: Draft = { titles: [], remarks: [] };
  readonly #parts = new Map<number, ReportPart>();
  readonly #unread: NumberedLine[] = [];
  readonly #foreign: NumberedLine[] = [];
  readonly #interrupted = new Set<ReportPart>();
  #kernels: NonNullable<ReportForm['kernels']> = {};
  #lines = 0;
  #unreadRun = 0;
  #part: ReportPart = 'title';
  #take: TakeLine = () => false;
  /** A line that may go on in the next one, and the numbers of its parts. */
  #held: { readonly numbers: readonly number[]; readonly text: string } | undefined;
  #isClosed = false;

  constructor(before: string, title: NumberedLine) {
    this.#prefix = new ReportPrefix(before);
    this.#line = title.number;
    this.#held = { numbers: [title.number], text: title.text };
  }

  /** A further title, of a function that is inlined there: symbolised logs repeat the title for each. */
  takeTitle(line: string, number: number): boolean {
    const { text, caller } = this.#prefix.strip(line);
    const isFirstPart = this.#lines === 0 || (this.#part === 'title' && this.#unreadRun === 0);
    if (!isFirstPart || !text.startsWith(TITLE_START) || this.#isForeign(caller)) return false;
    if (readTitle(text).bugType !== readTitle(this.#held?.text ?? '').bugType) return false;
    this.#release();
    this.#held = { numbers: [number], text };
    return true;
  }

  take(line: string, number: number): void {
    const { text, caller } = this.#prefix.strip(line);
    this.#lines++;
    if (this.#isForeign(caller)) {
      this.#foreign.push({ number, text });
      return this.#bound();
    }
    const held = this.#held;
    const joined = held === undefined || held.numbers.length > 4 ? undefined : joinedLine(held.text, text);
    if (held !== undefined && joined !== undefined) {
      this.#held = { numbers: [...held.numbers, number], text: joined };
      return;
    }
    this.#release();
    if (this.isOver) return;
    if (SEPARATOR_LINE.test(text)) {
      this.#isClosed = true;
      this.isOver = true;
    } else if (OTHER_FAULT.test(text) || (DISABLING.test(text) && this.#part !== 'slub')) this.isOver = true;
    else this.#held = { numbers: [number], text };
  }

  finish(): Found {
    this.#release();
    const draft = this.#draft;
    const title = draft.titles.at(-1) ?? '';
    const hasMore =
      draft.access !== undefined ||
      draft.isAsync === true ||
      draft.tags !== undefined ||
      draft.dump?.cpu !== undefined ||
      (draft.dump !== undefined && draft.dump.callTrace.length + draft.dump.details.length > 0);
    if (!hasMore) {
      const reason =
        this.#prefix.unknown === ''
          ? 'nothing that belongs to a report follows it'
          : 'it stands inside other text, and nothing that belongs to a report follows it';
      return { broken: { line: this.#line, title, reason } };
    }
    const end = Math.max(this.#line, ...this.#parts.keys());
    return {
      read: {
        line: this.#line,
        end,
        title,
        report: reportOf(draft),
        parts: this.#parts,
        unread: this.#unread.filter(({ number }) => number < end),
        foreign: this.#foreign.filter(({ number }) => number < end),
        interrupted: [...this.#interrupted],
        missing: missingParts(draft, this.#isClosed),
        kernels: this.#kernels,
      },
    };
  }

  #isForeign(caller: string | undefined): boolean {
    return caller !== undefined && this.#prefix.caller !== undefined && caller !== this.#prefix.caller;
  }

  /** Reads the line that was held back. */
  #release(): void {
    if (this.#held === undefined) return;
    const { numbers } = this.#held;
    // Quoted-printable (RFC 2045) writes "=" so.
    const text = this.#held.text.replaceAll('=3D', '=');
    this.#held = undefined;
    const part = this.#read(text);
    if (part !== undefined) for (const number of numbers) this.#parts.set(number, part);
    if (part === undefined && text.trim() !== '') {
      for (const number of numbers) this.#unread.push({ number, text });
      this.#unreadRun++;
    } else if (part !== undefined) {
      if (this.#unreadRun > 0 && part === this.#part && hasFrames(part)) this.#interrupted.add(part);
      this.#unreadRun = 0;
      this.#part = part;
    }
    this.#bound();
  }

  #bound(): void {
    const { rows } = this.#draft.memory ?? { rows: [] };
    if (this.#lines > MAX_REPORT_LINES || this.#unreadRun > MAX_UNREAD_RUN || rows.length === MEMORY_ROWS) {
      this.isOver = true;
    }
  }

  /** The part that begins with a line. */
  #begin(text: string): ReportPart | undefined {
    for (const form of REPORT_FORMS) {
      const match = form.begins.exec(text);
      const take = match === null ? undefined : form.begin(match, this.#draft);
      if (take === undefined) continue;
      this.#take = take;
      this.#kernels = narrowed(this.#kernels, form.kernels ?? {});
      return form.part;
    }
    return undefined;
  }

  #read(text: string): ReportPart | undefined {
    const draft = this.#draft;
    if (text.startsWith(TITLE_START)) {
      draft.titles.push(text);
      return 'title';
    }
    const begun = this.#begin(text);
    if (begun !== undefined) return begun;
    if (this.#take(text)) return this.#part;
    // What a person pasted may be indented.
    const indented = /^ {1,8}[A-Zap]/.test(text) ? this.#begin(text.trimStart()) : undefined;
    if (indented !== undefined) return indented;
    const whole = text.replace(ELIDED_END, '');
    const elided = whole === text ? undefined : this.#begin(whole.trimStart());
    if (elided !== undefined) return elided;
    // Commit messages leave out what stands above the frames.
    if (draft.dump !== undefined || !ABOVE_FRAMES.has(this.#part) || !isSureFrame(text)) return undefined;
    if (this.#unreadRun > 0 && !ELISION.test(this.#unread.at(-1)?.text ?? '')) return undefined;
    this.#take = beginFrames(draft);
    return this.#take(text) ? 'dump' : undefined;
  }
}

/** Parts that frames may follow without a line that says so. */
const ABOVE_FRAMES: ReadonlySet<ReportPart> = new Set(['title', 'access', 'tags']);

/** What people write for lines that they have left out. */
const ELISION = /^\s{0,8}(?:\[?\.{2,5}\]?|[[<(]snip[\])>])\s*$/;

/** The same behind a line: "Call Trace: ..". */
const ELIDED_END = / {0,4}\[?\.{2,5}\]?\s*$/;

const hasFrames = (part: ReportPart): boolean =>
  part === 'dump' || part === 'allocated' || part === 'freed' || part === 'page';

type Range = NonNullable<ReportForm['kernels']>;

function narrowed(range: Range, other: Range): Range {
  const isLater = (a: Range['since'], b: Range['since']): boolean =>
    a !== undefined && (b === undefined || a.major > b.major || (a.major === b.major && a.minor > b.minor));
  const since = isLater(other.since, range.since) ? other.since : range.since;
  const before =
    other.before !== undefined && (range.before === undefined || isLater(range.before, other.before))
      ? other.before
      : range.before;
  return { ...(since === undefined ? {} : { since }), ...(before === undefined ? {} : { before }) };
}

const WRONG_FREE = /^(?:double-free|invalid-free|double free)\b/;
/** Addresses without metadata: nothing is said of the memory there (mm/kasan/report_generic.c:get_wild_bug_type). */
const WILD = /^(?:null-ptr-deref|user-memory-access|wild-memory-access|maybe wild-memory-access)$/;

/** What a report of its kind has, and this one has not. */
function missingParts(draft: Draft, isClosed: boolean): string[] {
  const { bugType } = readTitle(draft.titles.at(-1) ?? '');
  const missing: string[] = [];
  if (draft.access === undefined && draft.isAsync !== true && !WRONG_FREE.test(bugType)) missing.push('the access');
  if (draft.dump === undefined || draft.dump.callTrace.length === 0) missing.push('the call trace');
  if (draft.isAsync === true || WILD.test(bugType)) return missing;
  const rows = draft.memory?.rows.length ?? 0;
  const hasMetadata =
    draft.tags !== undefined ||
    draft.object !== undefined ||
    draft.page !== undefined ||
    draft.memory !== undefined ||
    !isClosed;
  if (rows === 0 && hasMetadata) missing.push('the rows of memory');
  else if (rows > 0 && rows < MEMORY_ROWS) missing.push(`${MEMORY_ROWS - rows} of ${MEMORY_ROWS} rows of memory`);
  return missing;
}
