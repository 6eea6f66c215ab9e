import { findDiffstat } from './diffstat.ts';
import { splitChangelog } from './changelog.ts';
import { headOf, type Message } from './message.ts';
import type { Cover, Patch, Reply } from './series.ts';
import { parseSubject } from './subject.ts';
import { splitTrailers, trailersOfReply } from './trailers.ts';
import type { MailAddress } from '../mail/mail.ts';

/** The signature, and what a list puts below it. */
function withoutSignature(lines: readonly string[]): readonly string[] {
  const signature = lines.findLastIndex((line) => /^-- ?$/.test(line.slice(0, 4)));
  return signature > 0 ? lines.slice(0, signature) : lines;
}

/** `Name (3):` and indented titles, as git shortlog writes them; what git and b4 note for programs. */
const SHORTLOG_AUTHOR = /^\S.{0,200} \(\d{1,4}\):$/;
const FOR_PROGRAMS = /^(?:base-commit|change-id|prerequisite-(?:change-id|patch-id|message-id)|based-on): /i;

function withoutShortlog(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let inShortlog = false;
  lines.forEach((line, at) => {
    if (SHORTLOG_AUTHOR.test(line.slice(0, 220)) && /^ {2}\S/.test(lines[at + 1]?.slice(0, 3) ?? '')) inShortlog = true;
    else if (!inShortlog || !/^ {2}/.test(line)) {
      inShortlog = false;
      kept.push(line);
    }
  });
  return kept;
}

const textOf = (lines: readonly string[]): string => lines.join('\n').trim();

export function buildCover(message: Message, replies: readonly Reply[]): Cover {
  const { mail, subject } = message;
  const lines = withoutSignature(message.lines);
  const stat = findDiffstat(lines);
  const written = stat === undefined ? lines : [...lines.slice(0, stat.start), ...lines.slice(stat.end)];
  const changelog = splitChangelog(withoutShortlog(written.filter((line) => !FOR_PROGRAMS.test(line.slice(0, 40)))));
  const { text, trailers } = splitTrailers(changelog.rest.filter((line) => !/^---\s*$/.test(line.slice(0, 20))));
  return {
    head: headOf(mail),
    title: subject.title,
    text: textOf(text),
    trailers,
    changelog: changelog.entries,
    diffstat: stat?.diffstat,
    replies,
  };
}

/** `Name <address>`, as it stands in a body. */
function addressOf(text: string): MailAddress {
  const match = /^(.{0,300}?)\s*<([^<>\s]{1,300})>/.exec(text);
  return match === null ? { name: '', address: text } : { name: match[1].replace(/^"(.*)"$/, '$1'), address: match[2] };
}

export function buildPatch(message: Message, number: number, replies: readonly Reply[]): Patch {
  const { mail, subject, body, diff } = message;
  const hasDiff = diff.files.length > 0;
  const { text, trailers } = splitTrailers(hasDiff ? body.message : withoutSignature(body.message));
  const stat = findDiffstat(body.notes);
  const notes = stat === undefined ? body.notes : [...body.notes.slice(0, stat.start), ...body.notes.slice(stat.end)];
  return {
    head: headOf(mail),
    number,
    subject:
      body.subject === undefined
        ? subject.title === ''
          ? mail.source
          : subject.title
        : parseSubject(body.subject).title,
    author: body.from === undefined ? mail.from : addressOf(body.from),
    message: textOf(text),
    trailers,
    notes: textOf(withoutSignature(notes)),
    changelog: splitChangelog(notes).entries,
    diffstat: stat?.diffstat,
    files: diff.files,
    replies,
  };
}

/** The replies to each mail, by the id of that mail. */
export class ReplyTree {
  readonly #byParent = new Map<string, Message[]>();
  readonly #ids: ReadonlySet<string>;

  constructor(messages: readonly Message[]) {
    const ids = new Set(messages.flatMap(({ mail }) => mail.messageId ?? []));
    this.#ids = ids;
    for (const message of messages) {
      if (message.role !== 'reply') continue;
      const parent = message.mail.answers.find((id) => ids.has(id));
      if (parent === undefined || parent === message.mail.messageId) continue;
      const siblings = this.#byParent.get(parent);
      if (siblings === undefined) this.#byParent.set(parent, [message]);
      else siblings.push(message);
    }
  }

  /** Whether the mail of an id is there. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The replies to a mail, with those to them. A mail answers one other, so none is there twice. */
  of({ mail }: Message): Reply[] {
    const answers = mail.messageId === undefined ? undefined : this.#byParent.get(mail.messageId);
    return (answers ?? []).map((reply) => ({
      head: headOf(reply.mail),
      text: textOf(reply.lines),
      trailers: trailersOfReply(reply.lines),
      replies: this.of(reply),
    }));
  }
}
