import type { Message } from './message.ts';

/** The mails of one version of a series, before they are taken apart. */
export interface Version {
  readonly version: number;
  /** It is marked RFC, which comes before version 1 of the patches. */
  readonly isRfc: boolean;
  /** `m` of `n/m`; undefined where nothing is numbered. */
  readonly total: number | undefined;
  cover: Message | undefined;
  readonly patches: Map<number, Message>;
  /** In the order of the input. */
  readonly order: number[];
}

/** Versions that belong together, oldest first. */
export type Chain = readonly Version[];

/** The first mail of a thread that each mail is in, by what it says it answers. */
export class Threads {
  readonly #parents = new Map<string, string>();

  constructor(messages: readonly Message[]) {
    for (const { mail } of messages) {
      const [first] = mail.answers;
      const from = mail.messageId ?? first;
      if (from === undefined) continue;
      for (const other of mail.answers) this.#join(from, other);
    }
  }

  #join(a: string, b: string): void {
    const [rootA, rootB] = [this.#rootOf(a), this.#rootOf(b)];
    if (rootA !== rootB) this.#parents.set(rootA, rootB);
  }

  #rootOf(id: string): string {
    const path: string[] = [];
    let at = id;
    for (let up = this.#parents.get(at); up !== undefined; up = this.#parents.get(at)) {
      path.push(at);
      at = up;
    }
    for (const passed of path) this.#parents.set(passed, at);
    return at;
  }

  /** Undefined for a mail that has no ids. */
  of({ mail }: Message): string | undefined {
    const id = mail.messageId ?? mail.answers[0];
    return id === undefined ? undefined : this.#rootOf(id);
  }
}

const isRfc = ({ subject }: Message): boolean => subject.prefixes.some((prefix) => prefix.toUpperCase() === 'RFC');
const membersOf = ({ cover, patches }: Version): Message[] => [
  ...(cover === undefined ? [] : [cover]),
  ...patches.values(),
];

/** Sorts covers and patches into the versions that they number themselves as. */
export function groupVersions(messages: readonly Message[], threads: Threads): Version[] {
  const versions: Version[] = [];
  const alike = new Map<string, Version[]>();
  for (const message of messages) {
    const { version, total } = message.subject;
    const key = `${version ?? 1} ${total ?? ''} ${isRfc(message) ? 'RFC' : ''}`;
    const others = alike.get(key) ?? [];
    const place = placeFor(message, others, threads) ?? newVersion(message);
    if (!others.includes(place)) {
      versions.push(place);
      alike.set(key, [...others, place]);
    }
    const number = message.subject.number ?? place.patches.size + 1;
    if (message.role === 'cover') place.cover = message;
    else place.patches.set(number, message);
    place.order.push(message.role === 'cover' ? 0 : number);
  }
  return versions;
}

const newVersion = (message: Message): Version => ({
  version: message.subject.version ?? 1,
  isRfc: isRfc(message),
  total: message.subject.total,
  cover: undefined,
  patches: new Map(),
  order: [],
});

/** The version that a mail belongs to, of those with the same numbers. */
function placeFor(message: Message, alike: readonly Version[], threads: Threads): Version | undefined {
  const open = alike.filter((version) => hasRoom(version, message));
  return (
    open.find((version) => sameThread(version, message, threads)) ?? open.find((version) => mayBelong(version, message))
  );
}

const hasRoom = ({ cover, patches }: Version, { role, subject }: Message): boolean =>
  role === 'cover' ? cover === undefined : !patches.has(subject.number ?? -1);

function sameThread(version: Version, message: Message, threads: Threads): boolean {
  // An answer without a number is a patch of its own: "how about this instead".
  const thread = message.subject.number === undefined ? undefined : threads.of(message);
  return thread !== undefined && membersOf(version).some((member) => threads.of(member) === thread);
}

/** Patches that are in no thread together: files of `git format-patch`, or mails of one author sent one by one. */
function mayBelong(version: Version, { mail, subject }: Message): boolean {
  const members = membersOf(version);
  if (subject.number === undefined) {
    return (
      mail.answers.length === 0 &&
      members.every(({ mail: other }) => other.source !== mail.source || mail.messageId === undefined)
    );
  }
  return members.every(
    ({ mail: other }) =>
      other.messageId === undefined || mail.messageId === undefined || other.from.address === mail.from.address,
  );
}

const titleKey = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

/** What versions are compared by. */
interface Traits {
  readonly version: Version;
  readonly title: string;
  readonly subjects: ReadonlySet<string>;
  readonly threads: ReadonlySet<string>;
}

function traitsOf(version: Version, threads: Threads): Traits {
  const titles = [...version.patches.values()].map(({ subject }) => titleKey(subject.title));
  return {
    version,
    title: titleKey(version.cover?.subject.title ?? ''),
    subjects: new Set(titles.filter((title) => title !== '')),
    threads: new Set(membersOf(version).flatMap((member) => threads.of(member) ?? [])),
  };
}

/** Whether two versions are of the same series. */
function belongTogether(a: Traits, b: Traits): boolean {
  if (a.title !== '' && a.title === b.title) return true;
  const common = [...b.subjects].filter((subject) => a.subjects.has(subject)).length;
  if (common > 0 && 2 * common >= Math.min(a.subjects.size, b.subjects.size)) return true;
  const isLater = a.version.version !== b.version.version || a.version.isRfc !== b.version.isRfc;
  return isLater && [...b.threads].some((thread) => a.threads.has(thread));
}

const dateOf = (version: Version): string | undefined =>
  membersOf(version)
    .flatMap(({ mail }) => (mail.date === undefined ? [] : [mail.date]))
    .toSorted()[0];

/** By number; between an RFC and patches, and where numbers are the same, by date. */
function compareAge(a: Version, b: Version): number {
  const byVersion = a.version - b.version;
  if (a.isRfc === b.isRfc && byVersion !== 0) return byVersion;
  const [dateA, dateB] = [dateOf(a), dateOf(b)];
  if (dateA !== undefined && dateB !== undefined && dateA !== dateB) return dateA < dateB ? -1 : 1;
  return Number(b.isRfc) - Number(a.isRfc) || byVersion;
}

/** Makes two chains one. */
function join(chainOf: Map<Version, Version[]>, a: Version, b: Version): void {
  const [kept, added] = [chainOf.get(a), chainOf.get(b)];
  if (kept === undefined || added === undefined || kept === added) return;
  for (const version of added) {
    kept.push(version);
    chainOf.set(version, kept);
  }
}

/** Joins versions to series; the one with the most patches first. */
export function chainVersions(versions: readonly Version[], threads: Threads): Chain[] {
  const near = new Map<string, Traits[]>();
  const chainOf = new Map<Version, Version[]>();
  for (const version of versions) {
    const traits = traitsOf(version, threads);
    chainOf.set(version, [version]);
    // Only versions that have something in common are compared.
    const keys = [
      ...(traits.title === '' ? [] : [`title ${traits.title}`]),
      ...[...traits.subjects].map((text) => `subject ${text}`),
      ...[...traits.threads].map((id) => `thread ${id}`),
    ];
    for (const other of new Set(keys.flatMap((key) => near.get(key) ?? []))) {
      if (belongTogether(other, traits)) join(chainOf, other.version, version);
    }
    for (const key of keys) near.set(key, [...(near.get(key) ?? []), traits]);
  }
  const chains = [...new Set(chainOf.values())];
  const withDiff = ({ patches }: Version): number =>
    [...patches.values()].filter(({ diff }) => diff.files.length > 0).length;
  const size = (chain: Chain): number => Math.max(...chain.map(withDiff));
  return chains.map((chain) => chain.toSorted(compareAge)).toSorted((a, b) => size(b) - size(a));
}
