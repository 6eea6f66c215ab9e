import type { Share } from '../base/share.ts';

/** A share in percent: exact ends as such, others so that they never look like an end. */
export function percentText(share: number): string {
  if (share === 0) return '0 %';
  if (share === 1) return '100 %';
  const percent = 100 * share;
  const text = percent.toFixed(1);
  if (text === '100.0') return '> 99.9 %';
  return text === '0.0' ? '< 0.1 %' : `${text} %`;
}

/** The interval of a share. */
export const shareText = ({ low, high }: Share): string => `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`;
