import { describe, expect, it } from 'vitest';
import { TEST_SEED } from '../seed.ts';
import { fuzz, FuzzFailure } from './fuzz.ts';
import type { FuzzTarget } from './target.ts';
import { FUZZ_TARGETS } from './targets.ts';

// Set by run.mjs for a long run of one target.
const only = process.env['FUZZ_READER'];
const longRuns = process.env['FUZZ_RUNS'];
const SHORT_RUNS = 300;
const seed = Number(process.env['FUZZ_SEED'] ?? TEST_SEED);
/** Corpora are small: on the slowest machine an input takes less. */
const MAX_MILLISECONDS = 5000;

const targets = [...FUZZ_TARGETS].filter(([name]) => only === undefined || name === only);

if (targets.length === 0) throw new Error(`no reader ${only}; there are ${[...FUZZ_TARGETS.keys()].join(', ')}`);

describe.each(targets)('%s', (_name, target) => {
  it('takes or refuses whatever it is given', only === undefined ? {} : { timeout: 0 }, async () => {
    const long = only !== undefined;
    const fuzzed = target();
    const runs = Number(longRuns ?? fuzzed.shortRuns ?? SHORT_RUNS);
    const result = await fuzz(fuzzed, {
      seed,
      runs,
      ...(long ? { maxMilliseconds: MAX_MILLISECONDS, report: (soFar) => console.log(JSON.stringify(soFar)) } : {}),
    });
    if (long) console.log(JSON.stringify(result));
    expect(result.runs).toBe(runs);
  });
});

describe('the fuzzer', () => {
  const corpus = [new TextEncoder().encode('a 1\nb 2\nc 3\n')];

  it('gives the same inputs for the same seed, and others for another', async () => {
    const inputs = async (from: number): Promise<string[]> => {
      const seen: string[] = [];
      const target: FuzzTarget = { name: 'x', corpus, run: (_chunks, whole) => void seen.push(whole.join()) };
      await fuzz(target, { seed: from, runs: 20 });
      return seen.slice(1);
    };
    const [five, again, six] = [await inputs(5), await inputs(5), await inputs(6)];
    expect(five).toEqual(again);
    expect(five).not.toEqual(six);
    expect(five.slice(1)).toEqual(six.slice(0, -1));
  });

  it('gives chunks that make up the whole', async () => {
    const target: FuzzTarget = {
      name: 'x',
      corpus,
      run(chunks, whole) {
        const pieces = Array.from(chunks, (chunk) => [...chunk]).flat();
        expect(pieces).toEqual([...whole]);
      },
    };
    await fuzz(target, { seed: 1, runs: 50 });
  });

  it('says how to see a failure again', async () => {
    const target: FuzzTarget = {
      name: 'broken',
      corpus,
      run(_chunks, whole) {
        if (!whole.includes(49)) throw new RangeError('no 1');
      },
    };
    const failure = await fuzz(target, { seed: 100, runs: 1000 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FuzzFailure);
    expect(String(failure)).toMatch(/--reader broken --runs 1 --seed \d+\n.*no 1/s);
    const again = /--seed (\d+)/.exec(String(failure))?.[1];
    await expect(fuzz(target, { seed: Number(again), runs: 1 })).rejects.toThrow('no 1');
  });
});
