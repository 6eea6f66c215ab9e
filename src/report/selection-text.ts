import type { ReportResult } from '../result/result.ts';
import { percent } from './number-format.ts';

/**
 * Whose allocations a result is of, to stand between a policy and its figures: `, allocated by gcc*, without ...`; empty
 * where it is of all.
 */
export function selectionWords({ selection, recorder }: Pick<ReportResult, 'selection' | 'recorder'>): string {
  if (selection === null) return '';
  const { comms, pids, cpus, excludeRecorder } = selection;
  const who = [
    ...(comms.length === 0 ? [] : [`by ${comms.join(' or ')}`]),
    ...(pids.length === 0 ? [] : [`by pid ${pids.join(' or ')}`]),
    ...(cpus.length === 0 ? [] : [`on CPU ${cpus.join(' or ')}`]),
  ];
  return [
    ...(who.length === 0 ? [] : [`, allocated ${who.join(' ')}`]),
    ...(excludeRecorder ? [`, without the recorder's own (${percent(recorder.share, 1)} of the instructions)`] : []),
  ].join('');
}

/** The same as a sentence after another one. */
export function selectionSentence(result: Pick<ReportResult, 'selection' | 'recorder'>): string {
  const words = selectionWords(result);
  return words === ''
    ? ''
    : ` Counted is what was${words.replace(/^, (?:allocated)?/, words.startsWith(', allocated') ? ' allocated' : ' allocated ')}.`;
}
