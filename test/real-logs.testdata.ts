import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';

/** The logs in cases/kasan-reports, and how many reports each holds: what `grep -c 'BUG: KASAN'` counts. */
export const REAL_LOGS = [
  { name: 'patched-sync-max', reports: 156 },
  { name: 'baseline-sync-max', reports: 155 },
  { name: 'patched-async-max', reports: 155 },
] as const;

/** The lines of one of them. */
export function realLog(name: (typeof REAL_LOGS)[number]['name']): readonly string[] {
  const file = new URL(`../cases/kasan-reports/${name}.log.zst`, import.meta.url);
  return new TextDecoder().decode(decompress(new Uint8Array(readFileSync(file)))).split('\n');
}
