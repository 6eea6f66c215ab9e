import { atChange, placeText } from '../places.ts';
import type { FlagChange } from '../flag-changes.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { isTagFlag } from '../tag-flags.ts';
import type { Understood } from '../understood.ts';

/** What the author writes of tags in other words than the flag's name. */
const TAGS = /\bkasan\b|\btag(?:s|ged|ging)?\b|\buntagged\b|\bMTE\b|poison/i;

/** What a message must have for a flag to be announced: its name, with or without __GFP_, or that it is about tags. */
function isNamed({ text }: Pick<Understood, 'text'>, flag: string): boolean {
  if (isTagFlag(flag)) return TAGS.test(text) || text.includes(flag);
  const word = flag.replace(/^_{0,2}GFP_/, '');
  return new RegExp(`\\b(?:__GFP_)?${word.replace(/_/g, '[ _-]?')}(?:e?d|e?s|ing)?\\b`, 'i').test(text);
}

/** Whether a mask changes in what decides of tags, or of the zeroing that sets them: other masks are no affair of this review. */
const concernsTags = ({ gained, lost }: Pick<FlagChange, 'gained' | 'lost'>): boolean =>
  [...gained, ...lost].some((flag) => isTagFlag(flag) || flag === '__GFP_ZERO');

const said = ({ gained, lost }: Pick<FlagChange, 'gained' | 'lost'>): string =>
  [gained.length > 0 ? `gains ${gained.join(', ')}` : '', lost.length > 0 ? `loses ${lost.join(', ')}` : '']
    .filter((part) => part !== '')
    .join(' and ');

export const unannouncedChange: Rule = {
  id: 'unannounced-change',
  about: 'A mask gains or loses a flag that no message names.',
  follows: 'text',
  ask(series) {
    const findings: Finding[] = [];
    for (const change of series.changes) {
      // What is new as a whole is described as a whole.
      if (change.from === undefined || !concernsTags(change)) continue;
      const gained = change.gained.filter((flag) => !isNamed(series, flag));
      const lost = change.lost.filter((flag) => !isNamed(series, flag));
      if (gained.length + lost.length === 0) continue;
      const place = change.carrier === 'definition' ? change.name : `${placeText(change)} (${change.name})`;
      const many = gained.length + lost.length > 1;
      findings.push({
        ...atChange(change),
        text: `${place} also ${said({ gained, lost })}, which the message does not name. Is that meant?`,
        evidence: [
          inSource(
            `${change.file}:${change.line}: ${many ? 'the flags differ' : 'the flag differs'} by value before and after`,
          ),
        ],
        modes: [],
        about: `${change.name}:${[...gained, ...lost].join('+')}`,
      });
    }
    return findings;
  },
};
