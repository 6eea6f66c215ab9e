import { quoted } from '../base/errors.ts';
import type { Losses } from '../result/result.ts';
import type { ReadLosses } from '../trace/losses.ts';
import { NOTHING_LOST } from '../result/lost-events.ts';
import { lostWords } from './lost-text.ts';
import { detail, type Detail } from './layout.ts';
import { counted } from './number-format.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/** Samples of unreadable input that a text shows; JSON has all that were kept. */
const SHOWN_SAMPLES = 3;
const SHOWN_FLAGS = 8;

/** What the result does not cover: always there, one line if nothing is lost. */
export function lossesText(losses: Losses, options: TextOptions): string[] {
  const lines = lossSentences(losses);
  if (lines.length === 0) return [`${options.style.strong('Losses:')} none`];
  const width = proseWidth(options) - 4;
  return [
    options.style.strong('Losses'),
    ...lines.flatMap((line) =>
      wrap(printable(line, options.unicode), width, '  ').map((part) => `  ${options.style.warning(part)}`),
    ),
    ...losses.samples
      .slice(0, SHOWN_SAMPLES)
      .flatMap((sample) =>
        wrap(
          `${sample.line > 0 ? `line ${sample.line}, ` : ''}byte ${sample.offset}: expected ${sample.expected}; found ${quoted(sample.found, 60)}`,
          width,
          '  ',
        ).map((part) => `    ${printable(part, options.unicode)}`),
      ),
  ];
}

/** The same as a part of a text, of which a small screen shows one line. */
export function lossesDetail(losses: Losses, options: TextOptions): Detail {
  const all = lossSentences(losses);
  const text = printable(`Losses: ${all.join('; ') || 'none'}`, options.unicode);
  const lines = lossesText(losses, options);
  const shown: Detail = { ...detail('losses in full', lines, text), complete: true };
  return all.length === 0 ? shown : { ...shown, tone: 'warning' };
}

/** The same for a trace that was read and not replayed. */
export const readLossesText = (losses: ReadLosses, options: TextOptions): string[] =>
  lossesText({ ...losses, ...NOT_REPLAYED }, options);

/** What was lost, each in a few words. */
export const readLossSentences = (losses: ReadLosses): readonly string[] =>
  lossSentences({ ...losses, ...NOT_REPLAYED });

const NOT_REPLAYED = {
  lost: NOTHING_LOST,
  unmatchedFrees: 0,
  userMemoryFrees: 0,
  unknownFlags: 0,
  missedPageFrees: 0,
  unclassifiedPages: 0,
  unknownFlagNames: [],
};

/** What a result does not cover, each in a few words; none if nothing is lost. */
export function lossSentences(losses: Losses): readonly string[] {
  const all: readonly (readonly [n: number, sentence: string])[] = [
    [
      losses.droppedEvents,
      `${counted(losses.droppedEvents, 'event')} dropped by the tracer: record with a larger buffer`,
    ],
    [
      losses.missingEntries,
      `${counted(losses.missingEntries, 'entry', 'entries')} announced by the header and not in the file: it was cut short or filtered`,
    ],
    [losses.truncatedLines, `${counted(losses.truncatedLines, 'record')} that could not be read`],
    [
      losses.unmatchedFrees - losses.userMemoryFrees,
      `${counted(losses.unmatchedFrees - losses.userMemoryFrees, 'free')} of memory whose allocation is not in the trace: what they cost is estimated`,
    ],
    [
      losses.userMemoryFrees,
      `${counted(losses.userMemoryFrees, 'free')} of user memory or page cache whose allocation is not in the trace: tagged only by a policy that says so`,
    ],
    [
      losses.missedPageFrees,
      `${counted(losses.missedPageFrees, 'page')} allocated again without a free in between: the free is missing`,
    ],
    [losses.unprintedPointers, `${counted(losses.unprintedPointers, 'pointer')} that the kernel did not print`],
    [
      losses.unclassifiedPages,
      `${counted(losses.unclassifiedPages, 'page')} whose class is not known (class "unknown")`,
    ],
    [losses.unknownFlags, `${counted(losses.unknownFlags, 'event')} with unknown gfp flags${flagNames(losses)}`],
    [
      losses.unrecordedFlags,
      `${counted(losses.unrecordedFlags, 'allocation')} without gfp flags, which the trace does not have: what pages are for is mostly a guess`,
    ],
    [losses.orphanStacks, `${counted(losses.orphanStacks, 'stack trace')} that belong to no event`],
    [
      losses.unresolvedAddresses,
      `${counted(losses.unresolvedAddresses, 'address', 'addresses')} of functions without a name: give the symbols of the kernel with --symbols`,
    ],
    [
      losses.clockBackwards,
      `${counted(losses.clockBackwards, 'event')} earlier than the one before on the same CPU: the clock went backwards`,
    ],
  ];
  const words = lostWords(losses);
  return [
    ...(words === '' ? [] : [`${words}: all figures are of what was recorded, and lower bounds`]),
    ...all.filter(([n]) => n > 0).map(([, sentence]) => sentence),
  ];
}

/** What the traces of a result lost, for forms that have a line for it or a list. */
export interface LostOfSides {
  /** How much: `1.7 % of events were lost`, or '' for nothing. */
  readonly words: string;
  /** What a result does not cover, each in a few words. */
  readonly sentences: readonly string[];
}

/** The losses of one trace, or of two by their names. */
export function lostOfSides(sides: readonly { readonly name: string; readonly losses: Losses }[]): LostOfSides {
  const of = (name: string, text: string): string => (name === '' ? text : `${name}: ${text}`);
  return {
    words: sides
      .map(({ name, losses }) => ({ name, words: lostWords(losses) }))
      .filter(({ words }) => words !== '')
      .map(({ name, words }) => of(name, words))
      .join('; '),
    sentences: sides.flatMap(({ name, losses }) => lossSentences(losses).map((text) => of(name, text))),
  };
}

function flagNames(losses: Losses): string {
  const names = losses.unknownFlagNames;
  if (names.length === 0) return '';
  const more = names.length > SHOWN_FLAGS ? ` and ${names.length - SHOWN_FLAGS} more` : '';
  return `: ${names.slice(0, SHOWN_FLAGS).join(', ')}${more}; give the kernel that recorded the trace with --kernel`;
}
