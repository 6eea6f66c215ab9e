import { recogniseFormat } from '../../src/open/trace-format.ts';
import { oddTraces } from './odd-traces.ts';
import type { FuzzTarget } from './target.ts';

/** What tells the format of an input, of whatever beginning. */
export const recogniseTarget = (): FuzzTarget => ({
  name: 'recognise',
  corpus: [...oddTraces(/\.(?:txt|html|pftrace|data)$/), new TextEncoder().encode('[    1.0] \n-1 [0] '.repeat(2000))],
  run(_chunks, whole) {
    recogniseFormat(whole.subarray(0, 1 << 16), 'fuzz');
  },
});
