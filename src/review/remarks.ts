import type { FlagChange } from './flag-changes.ts';
import { KNOWN_MASKS } from './kernel-facts.ts';
import { placeText } from './places.ts';
import { paragraphsOf } from './sentences.ts';
import { skipFlags } from './tag-flags.ts';
import type { Understood } from './understood.ts';

/** Something worth knowing that asks nothing of the author. */
export interface Remark {
  readonly text: string;
}

/** Figures of a benchmark: numbers with a unit of time, in the words of a cover letter. */
const MEASURED = /\b\d+(?:\.\d+)?\s?(?:s|sec|seconds?|ms|us|ns|cycles)\b/gi;
/** What a figure needs to be made again. */
const DETAILS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['the CPU', /\b(?:cortex|neoverse|CPU|SoC|board|core i\d|ampere|graviton|pixel|hardware:)/i],
  ['the configuration', /\b(?:defconfig|CONFIG_|kasan=|kasan\.|config(?:uration)?)\b/i],
  ['the spread', /\b(?:±|\+\/-|std(?:ev)?|deviation|median|p99|runs?|average of|mean of)\b/i],
];

const sitsAlone = (change: FlagChange): string | undefined => {
  if (change.carrier !== 'call') return undefined;
  const mask = KNOWN_MASKS.find(({ name }) => change.expression.some(({ text }) => text === name));
  const places = new Set(mask?.users.filter(({ unreachable }) => unreachable === undefined).map(({ place }) => place));
  return mask !== undefined && places.size === 1 && places.has(placeText(change))
    ? `${mask.name} has one user, ${placeText(change)}: the flag could stand in its definition (${mask.definedIn}).`
    : undefined;
};

const coverText = ({ version }: Understood): string => version.cover?.text ?? version.patches[0]?.message ?? '';

const figuresIn = (text: string): readonly string[] => paragraphsOf(text).flatMap((line) => line.match(MEASURED) ?? []);

/**
 * Remarks on the newest version.
 *
 * @param earlier the version before it, if there is one
 */
export function remarksOf(series: Understood, earlier: Understood | undefined): readonly Remark[] {
  const flags = skipFlags(series);
  const alone = series.changes
    .filter(({ gained }) => gained.some((flag) => flags.includes(flag)))
    .map(sitsAlone)
    .filter((text) => text !== undefined);
  const figures = figuresIn(coverText(series));
  const missing = DETAILS.filter(([, pattern]) => !pattern.test(coverText(series))).map(([what]) => what);
  const remarks = [...alone];
  if (figures.length > 0 && missing.length > 0)
    remarks.push(`The benchmark's figures stand without ${missing.join(', ')}: nobody can repeat them as they are.`);
  if (earlier !== undefined && figures.length > 0 && figuresIn(coverText(earlier)).join() === figures.join())
    remarks.push(
      `The figures are those of version ${earlier.version.version}: were they measured again for version ${series.version.version}?`,
    );
  return remarks.map((text) => ({ text }));
}
