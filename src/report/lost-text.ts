import type { Interval, Losses } from '../result/result.ts';
import { percent } from './number-format.ts';

/**
 * How much of a trace is lost, to stand in brackets or behind a figure; empty where nothing is. A figure beside it is a
 * lower bound, whatever interval its estimates have.
 */
export function lostWords({ lost, droppedEvents, missingEntries }: Losses): string {
  if (lost.events === 0) return '';
  const how = droppedEvents + missingEntries > 0 ? 'were lost' : 'could not be read';
  return `${percent(lost.share, 1)} of events ${how}`;
}

/** The same as a sentence after another one. */
export function lostSentence(losses: Losses): string {
  const words = lostWords(losses);
  return words === '' ? '' : ` ${words}: all figures are of what was recorded alone.`;
}

/** The note below a figure: its bounds, or that it is one. */
export const boundsOrLost = (boundsOfEstimates: string, losses: Losses): string => {
  const words = lostWords(losses);
  return words === '' ? boundsOfEstimates : `at least: ${words}`;
};

/** The figure to show: the best estimate, or what it is at least where events were lost. */
export const boundOrBest = ({ low, best }: Interval, { lost }: Losses): number =>
  lost.events === 0 ? best : Math.max(0, low);
