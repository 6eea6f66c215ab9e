/** What a subject says of a patch's place. */
export interface ParsedSubject {
  /** It begins with `Re:` or the like. */
  readonly isReply: boolean;
  /** It calls itself a patch. */
  readonly isPatch: boolean;
  /** Undefined where none is named, which means 1. */
  readonly version: number | undefined;
  /** `n/m`: n, 0 for a cover letter. */
  readonly number: number | undefined;
  /** `n/m`: m. */
  readonly total: number | undefined;
  /** The other words in the brackets, in order. */
  readonly prefixes: readonly string[];
  /** What stands behind the brackets. */
  readonly title: string;
}

const REPLY = /^(?:re|aw|antw|sv|vs|odp|r)\s*(?:(?:\[\d+\]|\(\d+\))\s*)?:\s*/i;
const FORWARD = /^(?:fwd?|wg|tr)\s*:\s*/i;

/** Longer words and higher numbers are no place in a series. */
const VERSION = /^v(\d{1,3})(?:\.\d{1,3})?$/i;
const INDEX = /^(\d{1,4})\/(\d{1,4})$/;
/** Words that authors write without a space between: `PATCHv5`, `v2PATCH12/15`, `PATCH1/2`. */
const GLUED = /^(v\d{1,3})?(patch|rfc)(v\d{1,3})?(\d{1,4}\/\d{1,4})?$/i;
/** Without brackets: `PATCH v2 1/2: title`. */
const UNBRACKETED =
  /^((?:(?:RFC|RESEND|PATCH|V\d{1,3}|v\d{1,3}|\d{1,4}\/\d{1,4})\s+){0,6}(?:(?:[Vv]\d{1,3})?PATCH\S{0,12}|v\d{1,3}|\d{1,4}\/\d{1,4}))\s*:\s+/;

interface Words {
  version?: number;
  number?: number;
  total?: number;
  isPatch: boolean;
  readonly prefixes: string[];
}

/** What the words in one pair of brackets say. */
function readWords(text: string, found: Words): void {
  const words = text.replace(/(\d) of (\d)/gi, '$1/$2').split(/[\s,]+/);
  for (const word of words.flatMap(
    (whole) =>
      GLUED.exec(whole)
        ?.slice(1)
        .filter((part) => part !== undefined) ?? [whole],
  )) {
    const version = VERSION.exec(word);
    const index = INDEX.exec(word);
    if (version !== null) found.version = Number(version[1]);
    else if (index !== null && Number(index[1]) <= Number(index[2])) {
      found.number = Number(index[1]);
      found.total = Number(index[2]);
    } else if (/^patch(?:es)?$/i.test(word)) found.isPatch = true;
    else if (word !== '') found.prefixes.push(word);
  }
}

/** Whether a second pair of brackets is about the mail and not part of the title, as `[media]` is. */
const isAboutTheMail = (text: string): boolean =>
  text
    .split(/[\s,]+/)
    .every((word) => VERSION.test(word) || INDEX.test(word) || /^(?:rfc|resend|patch\S*)$/i.test(word));

const BRACKETS = /^\[([^[\]]{0,200})\]\s*/;

/** Takes a subject such as `Re: [PATCH v2 1/3] mm: title` apart. */
export function parseSubject(subject: string): ParsedSubject {
  let rest = subject.trim();
  let isReply = false;
  for (
    let match = REPLY.exec(rest) ?? FORWARD.exec(rest);
    match !== null;
    match = REPLY.exec(rest) ?? FORWARD.exec(rest)
  ) {
    isReply ||= REPLY.test(rest);
    rest = rest.slice(match[0].length);
  }
  const found: Words = { isPatch: false, prefixes: [] };
  const bare = UNBRACKETED.exec(rest);
  if (bare !== null) {
    readWords(bare[1], found);
    rest = rest.slice(bare[0].length);
  }
  for (let match = BRACKETS.exec(rest); match !== null; match = BRACKETS.exec(rest)) {
    // What a list puts before the others says nothing of the patch, but it is before it: `[list] [PATCH 1/2] title`.
    const says = found.isPatch || found.number !== undefined;
    if (says && !isAboutTheMail(match[1])) break;
    readWords(match[1], found);
    rest = rest.slice(match[0].length);
  }
  return {
    isReply,
    isPatch: found.isPatch || found.number !== undefined,
    version: found.version,
    number: found.number,
    total: found.total,
    prefixes: found.prefixes,
    title: rest,
  };
}
