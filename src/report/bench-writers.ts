import type { BenchResult } from '../result/bench.ts';
import { benchTitle, renderBench } from './bench-text.ts';
import { benchCsv } from './csv/bench-csv.ts';
import { benchHtml } from './html/bench-html.ts';
import { benchMarkdown } from './markdown/bench-markdown.ts';
import { profileWriters } from './profile-writers.ts';
import { weightedStacks } from './stacks/weighted-stacks.ts';
import { benchSvg } from './svg/bench-svg.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that a benchmark on the model can be written in. The model has call sites and no stacks. */
export const BENCH_WRITERS: Writers<BenchResult> = {
  ...textAndJson(renderBench),
  markdown: { takes: 'each', write: (result, { text }) => benchMarkdown(result, text) },
  csv: { takes: 'one', write: benchCsv },
  html: { takes: 'one', write: benchHtml },
  svg: { takes: 'one', write: benchSvg },
  ...profileWriters((result) => {
    const [first, second] = result.runs.map((run) => weightedStacks(run.policy.name, run, 'site'));
    return {
      title: benchTitle(result),
      stacks: second === undefined ? [first] : [first, second],
      provenance: result.provenance,
    };
  }),
};
