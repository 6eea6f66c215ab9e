import { arrowTarget } from './arrow-target.ts';
import { logTarget, pageTarget } from './envelope-target.ts';
import { ftraceTextTarget } from './ftrace-text-target.ts';
import { perfDataTarget } from './perf-data-target.ts';
import { perfScriptTarget } from './perf-script-target.ts';
import { recogniseTarget } from './recognise-target.ts';
import { perfettoTarget } from './perfetto-target.ts';
import { kasanReportTarget } from './kasan-report-target.ts';
import { replayTarget } from './replay-target.ts';
import { reviewTarget } from './review-target.ts';
import { seriesTarget } from './series-target.ts';
import { zipTarget } from './zip-target.ts';
import type { FuzzTarget } from './target.ts';
import { traceDatTarget } from './trace-dat-target.ts';

/** All that can be fuzzed, by the name that `npm run fuzz -- --reader` takes. New ones are added here. */
export const FUZZ_TARGETS: ReadonlyMap<string, () => FuzzTarget> = new Map([
  ['ftrace-text', ftraceTextTarget],
  ['systrace-page', pageTarget],
  ['kernel-log', logTarget],
  ['recognise', recogniseTarget],
  ['perf-script', perfScriptTarget],
  ['perf-data', perfDataTarget],
  ['ftrace-text+replay', replayTarget],
  ['trace-dat', traceDatTarget],
  ['perfetto', perfettoTarget],
  ['arrow', arrowTarget],
  ['zip', zipTarget],
  ['kasan-report', kasanReportTarget],
  ['series', seriesTarget],
  ['review', reviewTarget],
]);
