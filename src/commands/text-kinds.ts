import { InputError } from '../base/errors.ts';
import { decodeText } from '../open/decode-text.ts';
import type { WrittenText } from '../open/read-text.ts';

/** A small file that describes something, such as a policy. */
export interface Description {
  /** In messages. */
  readonly describes: string;
  /** What to do if the path is something else. */
  readonly advice: string;
}

/** What a text is that a command line names: a row for each. */
export const TEXT_KINDS = {
  budget: {
    describes: 'budget',
    advice: 'A budget file has a limit on each line; `tagscope check --help` says how they are written.',
  },
  policy: {
    describes: 'policy',
    advice: '`tagscope policies` lists the policies that can be named without a file.',
  },
  calibration: {
    describes: 'calibration',
    advice: '`tagscope profiles` lists the profiles that can be named without a file.',
  },
  // A console log of the whole suite is half a megabyte.
  log: { what: 'a log', limit: 64 << 20 },
  // Explained reports of thousands of logs.
  weights: { what: 'a list of weights', limit: 256 << 20 },
  explained: { what: 'explained reports', limit: 256 << 20 },
} as const satisfies { readonly [kind: string]: Description | WrittenText };

export type TextKind = keyof typeof TEXT_KINDS;

/** Far more than a thousand rules, or the figures of a calibration, need. */
const MAX_DESCRIPTION_BYTES = 1 << 20;

/** Refuses what is no description by its size. @param bytes of it; undefined for a directory @throws InputError */
export function requireDescription(path: string, { describes, advice }: Description, bytes: number | undefined): void {
  if (bytes !== undefined && bytes <= MAX_DESCRIPTION_BYTES) return;
  throw new InputError({
    where: `${describes} ${path}`,
    found: bytes === undefined ? 'a directory' : `a file of ${bytes} bytes`,
    expected: `a ${describes} file, of at most ${MAX_DESCRIPTION_BYTES} bytes`,
    advice,
  });
}

/** The text of a description. @throws InputError for bytes that are no text */
export const descriptionText = (path: string, { describes }: Description, bytes: Uint8Array): string =>
  decodeText(bytes, `${describes} ${path}`);
