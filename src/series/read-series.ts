import { InputError } from '../base/errors.ts';
import { LIMITS } from '../mail/limits.ts';
import { splitMbox } from '../mail/mbox.ts';
import { readMail } from '../mail/read-mail.ts';
import { buildCover, buildPatch, ReplyTree } from './build.ts';
import { checkCoverDiffstat, checkPatchDiffstat } from './check-diffstat.ts';
import { chainVersions, groupVersions, Threads, type Chain, type Version } from './group.ts';
import { problemsOf, readMessage, whereIs, type Message } from './message.ts';
import type { Problem } from './problem.ts';
import type { Series, SeriesVersion } from './series.ts';

/** A file of mails or patches, or standard input, whole. */
export interface SeriesInput {
  /** How problems name it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a series from mailboxes (lore's, `b4 am`, Patchew, patchwork, `git format-patch --stdout`), mails, or the files of a
 * folder of patches, in any mixture. Of patches that belong to several series, the largest one is read; the others are named
 * as problems.
 *
 * @throws InputError if no patch can be read
 */
export async function readSeries(inputs: readonly SeriesInput[]): Promise<Series> {
  const problems: Problem[] = [];
  const read = await readMessages(inputs, problems);
  const messages = withoutDuplicates(read, problems);
  const found = withPatches(messages);
  if (!found.some(hasPatch)) throw noPatch(inputs, read, problems);
  const threads = new Threads(messages);
  const [chain, ...others] = chainVersions(groupVersions(found, threads), threads);
  problems.push(...others.map(otherSeries));
  const replies = new ReplyTree(messages);
  const versions = chain.flatMap((version, index) => buildVersion(version, chain.slice(0, index), replies, problems));
  return { title: versions.at(-1)?.title ?? '', versions, problems };
}

function noPatch(
  inputs: readonly SeriesInput[],
  messages: readonly Message[],
  problems: readonly Problem[],
): InputError {
  const mails = messages.filter(({ mail }) => mail.subject !== '' || mail.from.address !== '').length;
  const damage = [...messages.flatMap((message) => problemsOf(message, message.subject.number)), ...problems].find(
    ({ kind }) => kind === 'hunk-damaged' || kind === 'over-limit',
  );
  const size = inputs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const text = mails === 0 ? 'text' : `${mails} ${mails === 1 ? 'mail' : 'mails'}`;
  const what = size === 0 ? 'nothing in it' : `${text} and no diff that can be read`;
  return new InputError({
    where: inputs.length === 1 ? inputs[0].name : `${inputs.length} inputs`,
    found: damage === undefined ? what : `${what} (${damage.where}: ${damage.kind}, ${damage.found})`,
    expected: 'a patch: a mail or mailbox with a diff, as git format-patch or b4 am write it',
    advice: 'Save the thread as an mbox (lore: "mbox.gz", or b4 am), or give a folder of .patch files.',
  });
}

async function readMessages(inputs: readonly SeriesInput[], problems: Problem[]): Promise<Message[]> {
  const messages: Message[] = [];
  let bytesLeft: number = LIMITS.bytes;
  let hunksLeft: number = LIMITS.hunks;
  const tooMuch = (where: string, found: string, expected: string): void => {
    problems.push({ kind: 'over-limit', patch: undefined, where, found, expected });
  };
  for (const { name, bytes } of inputs) {
    if (bytes.length > bytesLeft) tooMuch(name, `more than ${LIMITS.bytes >> 20} MiB`, 'less; the rest is not read');
    const { mails, rest } = splitMbox(bytes.subarray(0, bytesLeft), LIMITS.messages - messages.length);
    bytesLeft -= Math.min(bytes.length, bytesLeft);
    if (rest > 0) tooMuch(name, `more than ${LIMITS.messages} mails`, 'fewer; the rest is not read');
    for (const raw of mails) {
      const message = readMessage(await readMail(raw, name), hunksLeft);
      messages.push(message);
      hunksLeft -= message.diff.hunks;
      if (message.diff.truncated)
        tooMuch(whereIs(message), `more than ${LIMITS.hunks} hunks`, 'fewer; the rest is not read');
    }
  }
  return messages;
}

/** The first of mails that are there several times, as when several lists deliver them. */
function withoutDuplicates(messages: readonly Message[], problems: Problem[]): Message[] {
  const seen = new Map<string, Message>();
  return messages.filter((message) => {
    const { mail, lines } = message;
    const key = mail.messageId ?? [mail.subject, ...lines].join('\n');
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, message);
      return true;
    }
    problems.push({
      kind: 'duplicate-message',
      patch: message.subject.number,
      where: whereIs(message),
      found: `the same message as at ${first.mail.source}:${first.mail.line}`,
      expected: 'each message once',
    });
    return false;
  });
}

const hasPatch = ({ role, diff }: Message): boolean => role === 'patch' && diff.files.length > 0;

/** Covers and patches. Where there are none, what else has a diff is the patch: `Re: … how about this?` */
function withPatches(messages: readonly Message[]): Message[] {
  const found = messages.filter(({ role }) => role === 'cover' || role === 'patch');
  if (found.some(hasPatch)) return found;
  return messages
    .filter(({ diff }) => diff.files.length > 0)
    .map((message) => ({
      ...message,
      role: 'patch',
      subject: { ...message.subject, number: undefined, total: undefined },
    }));
}

function otherSeries(chain: Chain): Problem {
  const newest = chain.at(-1);
  const first = newest?.cover ?? newest?.patches.values().next().value;
  const patches = chain.reduce((sum, version) => sum + version.patches.size, 0);
  return {
    kind: 'other-series',
    patch: undefined,
    where: first === undefined ? '' : whereIs(first),
    found: `${patches} ${patches === 1 ? 'patch' : 'patches'} of another series`,
    expected: 'one series; this one is not read',
  };
}

/** Nothing if the version has a cover letter only. */
function buildVersion(version: Version, earlier: Chain, replies: ReplyTree, problems: Problem[]): SeriesVersion[] {
  const total = version.total ?? version.patches.size;
  const numbers = completed(version, earlier, total, problems);
  if (isCoverLost(version, replies)) problems.push(lostCover(version));
  if (numbers.size === 0) return [];
  const patches = [...numbers]
    .toSorted(([a], [b]) => a - b)
    .map(([number, message]) => buildPatch(message, number, replies.of(message)));
  const cover = version.cover === undefined ? undefined : buildCover(version.cover, replies.of(version.cover));
  const members = [...(version.cover === undefined ? [] : [[0, version.cover] as const]), ...version.patches];
  for (const [number, message] of members) for (const problem of problemsOf(message, number)) problems.push(problem);
  problems.push(...orderProblems(version), ...patchProblems(version, patches));
  if (cover?.diffstat !== undefined && patches.length === total && version.cover !== undefined) {
    const mismatch = isDamaged(version) ? undefined : checkCoverDiffstat(cover.diffstat, patches);
    if (mismatch !== undefined)
      problems.push({ kind: 'diffstat-mismatch', patch: 0, where: whereIs(version.cover), ...mismatch });
  }
  const first = version.cover ?? version.patches.values().next().value;
  return [
    {
      version: version.version,
      title: cover?.title ?? patches[0].subject,
      prefixes: first?.subject.prefixes ?? [],
      total,
      cover,
      patches,
      baseCommit: baseCommitOf(version),
    },
  ];
}

const isDamaged = ({ patches }: Version): boolean =>
  [...patches.values()].some(({ diff }) => diff.faults.length > 0 || diff.truncated);

/**
 * The patches of a version. One that is sent again alone, in answer to its version before (`b4 am --partial-reroll`), stands
 * among the others of that version.
 */
function completed(version: Version, earlier: Chain, total: number, problems: Problem[]): Map<number, Message> {
  const numbers = new Map(version.patches);
  const missing = Array.from({ length: total }, (_, index) => index + 1).filter((number) => !numbers.has(number));
  const base = earlier.findLast((other) => other.total === version.total && answersInto(version, other));
  const ids = base === undefined ? [] : missing.filter((number) => base.patches.has(number));
  for (const number of ids) {
    const message = base?.patches.get(number);
    if (message !== undefined) numbers.set(number, message);
  }
  problems.push(...missingProblems(version, missing, (number) => (ids.includes(number) ? base?.version : undefined)));
  return numbers;
}

/** More are named together: one patch of a long series is often read alone. */
const MOST_NAMED = 3;

/** Numbers in rows: `1, 3 to 13`. */
function inRows(numbers: readonly number[]): string {
  const rows: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const row = rows.at(-1);
    if (row?.last === number - 1) row.last = number;
    else rows.push({ first: number, last: number });
  }
  const named = rows
    .slice(0, MOST_ROWS)
    .map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  return `${named.join(', ')}${rows.length > MOST_ROWS ? ', …' : ''}`;
}

const MOST_ROWS = 8;

function missingProblems(
  version: Version,
  missing: readonly number[],
  takenFrom: (number: number) => number | undefined,
): Problem[] {
  const { cover, patches, total } = version;
  const [message = cover] = patches.values();
  if (message === undefined || missing.length === 0) return [];
  const problem = (patch: number | undefined, found: string): Problem => ({
    kind: 'patch-missing',
    patch,
    where: whereIs(message),
    found,
    expected: `patches 1 to ${total}`,
  });
  const from = (number: number): string => {
    const other = takenFrom(number);
    return other === undefined ? '' : `; that of version ${other} is taken`;
  };
  if (missing.length <= MOST_NAMED)
    return missing.map((number) => problem(number, `no patch ${number}${from(number)}`));
  const taken = missing.find((number) => takenFrom(number) !== undefined);
  const others = taken === undefined ? '' : `; those of version ${takenFrom(taken)} are taken where it has them`;
  return [problem(undefined, `no patches ${inRows(missing)}${others}`)];
}

function lostCover({ patches }: Version): Problem {
  const [message] = patches.values();
  return {
    kind: 'patch-missing',
    patch: 0,
    where: whereIs(message),
    found: 'patches that answer a mail that is not there',
    expected: 'the cover letter',
  };
}

/** Whether all patches of a version that has no cover letter answer patches of another. */
function answersInto({ cover, patches }: Version, other: Version): boolean {
  const ids = new Set([...other.patches.values()].flatMap(({ mail }) => mail.messageId ?? []));
  return (
    cover === undefined &&
    patches.size > 0 &&
    [...patches.values()].every(({ mail }) => mail.answers.some((id) => ids.has(id)))
  );
}

/** Patch 1 and the others answer the same mail, which is not there. */
function isCoverLost({ cover, patches }: Version, thread: ReplyTree): boolean {
  const [first, ...rest] = [...patches].toSorted(([a], [b]) => a - b).map(([, { mail }]) => mail);
  const parent = first?.answers[0];
  return (
    cover === undefined &&
    patches.has(1) &&
    rest.length > 0 &&
    parent !== undefined &&
    !thread.has(parent) &&
    rest.every(({ answers }) => answers[0] === parent)
  );
}

function orderProblems({ order, patches, cover }: Version): Problem[] {
  const at = order.findIndex((number, index) => index > 0 && number < order[index - 1]);
  const number = order[at];
  const message = number === 0 ? cover : patches.get(number);
  if (message === undefined) return [];
  return [
    {
      kind: 'order-wrong',
      patch: number,
      where: whereIs(message),
      found: `it behind patch ${order[at - 1]}`,
      expected: 'the order of the numbers',
    },
  ];
}

function patchProblems(version: Version, patches: readonly SeriesVersion['patches'][number][]): Problem[] {
  return patches.flatMap((patch): Problem[] => {
    const message = version.patches.get(patch.number);
    if (message === undefined) return [];
    const place = { patch: patch.number, where: whereIs(message) };
    if (patch.files.length === 0)
      return [{ kind: 'no-diff', ...place, found: 'no diff', expected: 'what the patch changes' }];
    const mismatch = message.diff.faults.length > 0 || message.diff.truncated ? undefined : checkPatchDiffstat(patch);
    return mismatch === undefined ? [] : [{ kind: 'diffstat-mismatch', ...place, ...mismatch }];
  });
}

function baseCommitOf({ cover, patches }: Version): string | undefined {
  for (const { lines } of [...(cover === undefined ? [] : [cover]), ...patches.values()]) {
    for (let at = lines.length - 1; at >= 0; at--) {
      const match = /^base-commit: ([0-9a-f]{7,64})$/.exec(lines[at].slice(0, 90).trimEnd());
      if (match !== null) return match[1];
    }
  }
  return undefined;
}
