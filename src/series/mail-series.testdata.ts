import { structuredPatch } from 'diff';

/** Files by path. */
export type SourceFiles = Readonly<Record<string, string>>;

/** A patch to be written as a mail: what it makes of the files. */
export interface TestPatch {
  readonly subject: string;
  /** The message, without trailers. */
  readonly message: string;
  /** Below `---`. */
  readonly notes?: string;
  readonly edits: readonly TestEdit[];
}

/** A text that stands in a file once, and what it becomes. */
export interface TestEdit {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface TestSeries {
  readonly version: number;
  readonly files: SourceFiles;
  readonly patches: readonly TestPatch[];
  readonly cover?: { readonly title: string; readonly text: string };
  /** Of the first mail. */
  readonly date?: string;
}

const AUTHOR = 'Ann Author <ann@example.org>';

/** Files after some edits. An edit that does not fit is an error of the test. */
export function edited(files: SourceFiles, edits: readonly TestEdit[]): SourceFiles {
  const result: Record<string, string> = { ...files };
  for (const { path, from, to } of edits) {
    const parts = (result[path] ?? '').split(from);
    if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times: ${from}`);
    result[path] = parts.join(to);
  }
  return result;
}

/** The files after a whole series. */
export const filesAfter = ({ files, patches }: TestSeries): SourceFiles =>
  edited(
    files,
    patches.flatMap(({ edits }) => edits),
  );

interface FileStat {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
}

/** What git takes for the function that a hunk is in: the last line above it that begins with a letter. */
const headingAbove = (content: string, line: number): string => {
  const above = content.split('\n').slice(0, Math.max(0, line - 1));
  const heading = above.findLast((text) => /^[A-Za-z_$]/.test(text));
  return heading === undefined ? '' : ` ${heading.slice(0, 80)}`;
};

function diffOf(
  before: SourceFiles,
  after: SourceFiles,
): { readonly text: string; readonly stats: readonly FileStat[] } {
  const stats: FileStat[] = [];
  const text = Object.keys(after)
    .toSorted()
    .filter((path) => before[path] !== after[path])
    .map((path) => {
      const old = before[path] ?? '';
      const { hunks } = structuredPatch(path, path, old, after[path], '', '', { context: 3 });
      const lines = hunks.flatMap((hunk) => hunk.lines);
      stats.push({
        path,
        added: lines.filter((line) => line.startsWith('+')).length,
        removed: lines.filter((line) => line.startsWith('-')).length,
      });
      const created = before[path] === undefined;
      return [
        `diff --git a/${path} b/${path}`,
        ...(created ? ['new file mode 100644'] : []),
        created ? '--- /dev/null' : `--- a/${path}`,
        `+++ b/${path}`,
        ...hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: of }) => [
          `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@${headingAbove(old, oldStart)}`,
          ...of,
        ]),
        '',
      ].join('\n');
    })
    .join('');
  return { text, stats };
}

const count = (number: number, one: string, sign: string): string =>
  number === 0 ? '' : `, ${number} ${one}${number === 1 ? '' : 's'}(${sign})`;

function diffstatOf(stats: readonly FileStat[]): string {
  const width = Math.max(...stats.map(({ path }) => path.length));
  const sum = (of: (stat: FileStat) => number): number => stats.reduce((total, stat) => total + of(stat), 0);
  return [
    ...stats.map(
      ({ path, added, removed }) =>
        ` ${path.padEnd(width)} | ${added + removed} ${'+'.repeat(added)}${'-'.repeat(removed)}`,
    ),
    ` ${stats.length} ${stats.length === 1 ? 'file' : 'files'} changed${count(
      sum(({ added }) => added),
      'insertion',
      '+',
    )}${count(
      sum(({ removed }) => removed),
      'deletion',
      '-',
    )}`,
    '',
  ].join('\n');
}

/** Writes a series as mails, in order: the cover letter first, if there is one. */
export function mailsOf(series: TestSeries): string[] {
  const { version, files, patches, cover, date = '2026-03-19T11:49:43Z' } = series;
  const prefix = (number: number): string =>
    `[PATCH${version === 1 ? '' : ` v${version}`}${patches.length === 1 && cover === undefined ? '' : ` ${number}/${patches.length}`}]`;
  const id = (number: number): string => `<series-v${version}-${number}@example.org>`;
  const root = cover === undefined ? 1 : 0;
  const head = (number: number, subject: string): string =>
    [
      'From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001',
      `From: ${AUTHOR}`,
      `Date: ${new Date(Date.parse(date) + number * 1000).toUTCString().replace('GMT', '+0000')}`,
      `Subject: ${prefix(number)} ${subject}`,
      `Message-ID: ${id(number)}`,
      ...(number === root ? [] : [`In-Reply-To: ${id(root)}`, `References: ${id(root)}`]),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=UTF-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      '',
    ].join('\n');
  const signature = '-- \n2.47.3\n\n';
  let before = files;
  const mails = patches.map(({ subject, message, notes, edits }, index) => {
    const after = edited(before, edits);
    const { text, stats } = diffOf(before, after);
    before = after;
    const body = `${message.trim()}\n\nSigned-off-by: ${AUTHOR}\n---\n${notes === undefined ? '' : `${notes.trim()}\n\n`}`;
    return `${head(index + 1, subject)}${body}${diffstatOf(stats)}\n${text}${signature}`;
  });
  if (cover === undefined) return mails;
  const shortlog = [`Ann Author (${patches.length}):`, ...patches.map(({ subject }) => `  ${subject}`)].join('\n');
  const stat = diffstatOf(diffOf(files, filesAfter(series)).stats);
  return [`${head(0, cover.title)}${cover.text.trim()}\n\n${shortlog}\n\n${stat}\n${signature}`, ...mails];
}

const encoder = new TextEncoder();

/** A mailbox of mails. */
export const mailbox = (...mails: readonly string[]): Uint8Array => encoder.encode(mails.join(''));

/** A series as `git format-patch --stdout` writes it. */
export const mailboxOf = (series: TestSeries): Uint8Array => mailbox(...mailsOf(series));
