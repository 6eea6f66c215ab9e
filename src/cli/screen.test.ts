import { expect, test } from 'vitest';
import { run } from './run.ts';
import { fakeSurroundings } from './surroundings.testdata.ts';

const TRACE = 'cases/pgtable/trace.zst';

/** Runs a command in a terminal of 24 lines of 80 columns. */
async function inTerminal(words: string): Promise<string[]> {
  const { surroundings, printed } = fakeSurroundings();
  Object.assign(surroundings.stdout, { isTTY: true, rows: 24, columns: 80 });
  await run([...words.split(' '), '-q', '--no-color'], surroundings);
  return printed.stdout.trimEnd().split('\n');
}

test.each([
  ['report', `report ${TRACE} --policy before-series`, /^before-series: 497,741 granules/],
  ['diff', `diff ${TRACE}`, /^series saves 289,280 granules/],
  ['compare', `compare ${TRACE} --trials 1`, /^Of \d+ policies/],
  ['advise', `advise ${TRACE} --policy before-series --trials 1`, /^Beyond before-series/],
  ['audit', 'audit --trials 1', /^From before-series to series/],
  ['info', `info ${TRACE}`, /^Trace     cases\/pgtable/],
  ['profiles series-2026', 'profiles series-2026', /^series-2026 \(fitted\): Fitted/],
])('%s: the answer is what stands on a screen of 24 lines when the command has ended', async (_, words, answer) => {
  const lines = await inTerminal(words);
  expect(lines[0]).toMatch(answer);
  // Above stands the command, below the next prompt.
  expect(lines.length).toBeLessThanOrEqual(22);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines.at(-1)).toMatch(/^-v shows /);
});

test('-v gives all of it, and the answer again at its end', async () => {
  const lines = await inTerminal(`diff ${TRACE} -v`);
  expect(lines.length).toBeGreaterThan(60);
  expect(lines.join('\n')).toContain('Command  tagscope diff');
  expect(lines.slice(-5).join(' ')).toMatch(/series saves 289,280 granules/);
});
