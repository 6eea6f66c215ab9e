import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { diffOfRuns } from '../result/diff-runs.ts';
import { diff } from '../result/diff.ts';
import { lostEvents } from '../result/lost-events.ts';
import type { Losses, ReportResult } from '../result/result.ts';
import { DIFF_WRITERS } from './diff-writers.ts';
import { FORMATS, type Format, type FormatName } from './formats.ts';
import { headline } from './headline.ts';
import { lossSentences } from './losses-text.ts';
import { NO_LOSSES, pageWork, reportOf, sampleReport, site, textOptions } from './report-result.testdata.ts';
import { REPORT_WRITERS } from './report-writers.ts';
import { formatsOf, type Writers } from './writers.ts';

/** The sample has 19,909 events that were read; 348 of 20,257 are 1.7 %. */
const DROPPED: Losses = { ...NO_LOSSES, droppedEvents: 348, lost: { events: 348, share: 348 / 20_257 } };
const WORDS = '1.7 % of events were lost';

/** 379,392 granules by 99,294 instructions, of which up to 500 and 200 are not certain. */
const uncertain = (given: Partial<ReportResult> = {}): ReportResult => {
  const report = sampleReport(given);
  return {
    ...report,
    totals: { ...report.totals, tagInstructions: { low: 99_094, best: 99_294, high: 99_494 } },
    estimates: [
      {
        name: 'unseenObjectFrees',
        calls: { low: 0, best: 1, high: 2 },
        granules: { low: 0, best: 500, high: 1000 },
        tagInstructions: { low: 0, best: 200, high: 400 },
        description: 'Frees.',
      },
    ],
  };
};

test('lost are what the tracer dropped, what the file lacks, and what could not be read, of these and those read', () => {
  const losses = { droppedEvents: 10, missingEntries: 5, truncatedLines: 2 };
  expect(lostEvents(losses, 83)).toEqual({ events: 17, share: 0.17 });
  expect(lostEvents({ droppedEvents: 0, missingEntries: 0, truncatedLines: 0 }, 0)).toEqual({ events: 0, share: 0 });
});

describe('the headline', () => {
  test('without losses has the estimates with their interval', () => {
    expect(headline(uncertain())).toMatch(
      /^before-series: 379,392 granules of 16 bytes \(378,892 to 379,892\) tagged by 99,294 tag-setting instructions \(99,094 to 99,494\) in/,
    );
  });

  test('with losses says at least, how much was lost, and no interval', () => {
    const text = headline(uncertain({ losses: DROPPED }));
    expect(text).toMatch(
      /^before-series: at least 378,892 granules of 16 bytes tagged by at least 99,094 tag-setting instructions in .* \(1\.7 % of events were lost\)\. Modelled, that takes at least [\d.]+ \ws \(series-2026: [^)]*\) of CPU time\.$/,
    );
    expect(text).not.toMatch(/\d to \d/);
  });

  test('says it also where nothing is tagged', () => {
    expect(headline(reportOf([], { losses: DROPPED }))).toContain(
      `nothing is tagged in 610 ms, for 0 allocations and 0 frees (${WORDS})`,
    );
  });

  test('of records that could not be read says just that', () => {
    const losses = { ...NO_LOSSES, truncatedLines: 348, lost: DROPPED.lost };
    expect(headline(sampleReport({ losses }))).toContain('(1.7 % of events could not be read)');
  });

  test('names an estimate that is more than what is certain', () => {
    const report = reportOf([site('f', 'driver/other', pageWork(10))]);
    // A page is 67 instructions at either end: 1,340 in all.
    const estimated = (best: number, low: number, high: number): string =>
      headline({
        ...report,
        totals: { ...report.totals, tagInstructions: { low: 1340 - best + low, best: 1340, high: 1340 - best + high } },
        estimates: [
          {
            name: 'pagesFromBeforeTrace',
            calls: { low: 0, best: 0, high: 0 },
            granules: { low: 0, best: 0, high: 0 },
            tagInstructions: { low, best, high },
            description: '',
          },
        ],
      });
    expect(estimated(670, 670, 670)).not.toContain('estimated');
    expect(estimated(1005, 1005, 1005)).toContain(
      'Most of it is estimated: 335 instructions (25.0 %) follow from events in the trace.',
    );
    expect(estimated(10, 0, 9999)).toContain(
      'The interval is wider than what is certain: 1,330 instructions follow from events in the trace.',
    );
  });
});

/** Forms that have no place for words beside their figures: the command says it (src/cli/run.test.ts). */
const WORDLESS: ReadonlySet<FormatName> = new Set(
  FORMATS.filter((format: Format) => format.wordless === true).map(({ name }) => name),
);

function written<Result>(writers: Writers<Result>, result: Result, form: FormatName): string {
  const writer = writers[form];
  if (writer === undefined) throw new Error(`no ${form}`);
  const options = { text: textOptions({ width: 200 }), weight: 'instructions' } as const;
  const output = writer.takes === 'all' ? writer.write([result], options) : writer.write(result, options);
  if (typeof output === 'string') return output;
  return Buffer.from(form === 'pprof' ? gunzipIfNeeded(output) : output).toString('latin1');
}
const gunzipIfNeeded = (bytes: Uint8Array): Uint8Array => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);

/** How a form says it: in words, or as figures for programs. */
const SAYS: { readonly [Form in FormatName]?: readonly string[] } = {
  csv: ['trace_lost_share', String(348 / 20_257)],
  json: ['"lost": {', '"events": 348'],
};

describe('every form of a report says what was lost', () => {
  test.each(formatsOf(REPORT_WRITERS).filter((form) => !WORDLESS.has(form)))('%s', (form) => {
    const text = written(REPORT_WRITERS, uncertain({ losses: DROPPED }), form).replace(/\s+/g, ' ');
    for (const words of SAYS[form] ?? [WORDS]) expect(text).toContain(words);
    expect(text).not.toContain('378,892 to 379,892');
  });
});

describe('every form of a difference does', () => {
  test.each(formatsOf(DIFF_WRITERS).filter((form) => !WORDLESS.has(form)))('%s', (form) => {
    const lossy = uncertain({ losses: DROPPED });
    const text = written(DIFF_WRITERS, diff(lossy, lossy), form).replace(/\s+/g, ' ');
    for (const words of SAYS[form] ?? [WORDS]) expect(text).toContain(words);
    expect(text).not.toContain('378,892 to 379,892');
  });
});

describe('of two traces', () => {
  const named = (file: string, losses: Losses): ReportResult => {
    const report = uncertain({ losses });
    return { ...report, source: { ...report.source, files: [file] } };
  };

  test.each(['speedscope', 'firefox', 'pprof'] as const)('%s says which of them lost some, be it the first', (form) => {
    const result = diff(named('old.dat', DROPPED), named('new.dat', NO_LOSSES));
    expect(written(DIFF_WRITERS, result, form)).toContain(`old.dat: ${WORDS}`);
  });

  test('several runs of a side lost what any of them lost', () => {
    const whole = named('a', NO_LOSSES);
    const other = named('c', NO_LOSSES);
    const result = diffOfRuns([whole, named('b', DROPPED)], [other, other], { unit: 'run' });
    // 348 of the events of two runs.
    const share = 348 / (348 + whole.events.total + (348 / DROPPED.lost.share - 348));
    expect(result.from.losses.lost).toEqual({ events: 348, share: expect.closeTo(share, 9) });
    expect(result.from.losses.droppedEvents).toBe(348);
    expect(result.to.losses.lost.events).toBe(0);
    expect(written(DIFF_WRITERS, result, 'text')).toMatch(/of events were lost/);
  });
});

test('a list of losses begins with it, so that whoever lists losses says it', () => {
  expect(lossSentences(DROPPED)[0]).toContain(WORDS);
  expect(lossSentences(NO_LOSSES)).toEqual([]);
});
