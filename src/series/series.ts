import type { MailAddress } from '../mail/mail.ts';
import type { FileDiff } from './file-diff.ts';
import type { Problem } from './problem.ts';

/** What a mail's header says, decoded. Nothing of it can be relied on. */
export interface MailHead {
  /** Without angle brackets; undefined where there is none. */
  readonly messageId: string | undefined;
  readonly from: MailAddress;
  /** In UTC, as ISO 8601; undefined where the mail has none that can be read. */
  readonly date: string | undefined;
  /** Whole, with `Re:` and `[PATCH …]`. */
  readonly subject: string;
  /** The input that the mail was read from, and the line, from 1, that it begins at. */
  readonly source: string;
  readonly line: number;
}

/** `Signed-off-by: …`, `Fixes: …`, `Link: …` at the end of a message, in order. */
export interface Trailer {
  readonly name: string;
  readonly value: string;
}

/** What changed in one version, as the author tells it: below `---` of a patch or in the cover letter. */
export interface ChangelogEntry {
  /** The version that the text speaks of; undefined where it does not tell (`Changes since the RFC`). */
  readonly version: number | undefined;
  readonly heading: string;
  readonly text: string;
}

/** A line of a diffstat. */
export interface DiffstatFile {
  /** As shown, which may begin with `...`; of a rename, the path after it. */
  readonly path: string;
  /** Undefined for a binary file. */
  readonly changedLines: number | undefined;
}

/** A diffstat as a mail has it. That of a cover letter counts the series net: a line added and removed again is not in it. */
export interface Diffstat {
  readonly files: readonly DiffstatFile[];
  /** The sums of its last line. */
  readonly filesChanged: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** A mail that answers a cover letter, a patch or another reply. */
export interface Reply {
  readonly head: MailHead;
  /** Its whole text, with what it quotes. */
  readonly text: string;
  /** Reviewed-by and the like, outside of quotes. */
  readonly trailers: readonly Trailer[];
  readonly replies: readonly Reply[];
}

/** The cover letter: `[PATCH 0/n]`. */
export interface Cover {
  readonly head: MailHead;
  /** The subject without prefixes. */
  readonly title: string;
  /** All that the author wrote, without changelog, diffstat, list of patches and signature. */
  readonly text: string;
  readonly trailers: readonly Trailer[];
  readonly changelog: readonly ChangelogEntry[];
  readonly diffstat: Diffstat | undefined;
  readonly replies: readonly Reply[];
}

/** One patch: a message and its diffs. */
export interface Patch {
  readonly head: MailHead;
  /** Its place in the series, from 1. */
  readonly number: number;
  /** The subject without prefixes: the first line of the commit. */
  readonly subject: string;
  readonly author: MailAddress;
  /** The commit's message without subject and trailers: what stands above `---`, from the scissors on. */
  readonly message: string;
  readonly trailers: readonly Trailer[];
  /** What stands between `---` and the diffstat. */
  readonly notes: string;
  readonly changelog: readonly ChangelogEntry[];
  readonly diffstat: Diffstat | undefined;
  readonly files: readonly FileDiff[];
  readonly replies: readonly Reply[];
}

/** One version of a series. */
export interface SeriesVersion {
  /** 1 where the subjects name none. */
  readonly version: number;
  /** The cover letter's title; without one, the first patch's subject. */
  readonly title: string;
  /** The other words in the brackets of the subjects, in order: `RFC`, `RESEND`, `mm-unstable`. */
  readonly prefixes: readonly string[];
  /** `m` of `n/m`: how many patches there should be. */
  readonly total: number;
  /** Undefined for a single patch, or when it was lost (`patch-missing`). */
  readonly cover: Cover | undefined;
  /** By number; those that are missing are left out. Never empty. */
  readonly patches: readonly Patch[];
  /** The commit that the author says it applies to (`base-commit:`). */
  readonly baseCommit: string | undefined;
}

/** All versions of one series that an input holds. */
export interface Series {
  /** Of the newest version. */
  readonly title: string;
  /** Oldest first. Never empty; the newest one, `newestOf`, is the one to judge. */
  readonly versions: readonly SeriesVersion[];
  readonly problems: readonly Problem[];
}

/** The version of a series that is to be judged. */
export function newestOf({ versions }: Series): SeriesVersion {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error('A series has a version.');
  return newest;
}
