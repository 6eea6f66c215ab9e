import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { FtraceTextReader } from '../../src/formats/ftrace-text/reader.ts';
import { defaultKernelConfig, type KernelConfig } from '../../src/kasan/kernel-config.ts';
import { builtInProfiles } from '../../src/cost/profiles.ts';
import { cpuProfile, withDcBlock } from '../../src/mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../../src/policy/built-in.ts';
import { analyze, type AnalyzeOptions } from '../../src/result/analyze.ts';
import type { ReportResult } from '../../src/result/result.ts';
import { checkNoMore, checkResult, checkSameEvents, checkUntagged } from './check-result.ts';
import { ftraceTextCorpus } from './ftrace-text-target.ts';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** Traces in which things are freed that were allocated: each gives some pieces. */
const WHOLE_TRACES = ['baseline-thread-nohash', 'baseline-mixed-stack'];
const PIECE_BYTES = 8000;

function corpus(): Uint8Array[] {
  const pieces = WHOLE_TRACES.flatMap((name) => {
    const file = new URL(`../../cases/oracle/traces/${name}.trace.zst`, import.meta.url);
    const data = decompress(new Uint8Array(readFileSync(file)));
    return [0.2, 0.4, 0.6, 0.8].map((part) => {
      const start = data.indexOf(10, Math.floor(data.length * part)) + 1;
      return data.slice(start, start + PIECE_BYTES);
    });
  });
  return [...ftraceTextCorpus(), ...pieces];
}

/** A number that depends on every byte (FNV-1a): an input always meets the same kernel and CPU. */
const hashOf = (data: Uint8Array): number =>
  data.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);

function randomConfig(random: Random): KernelConfig {
  return {
    ...defaultKernelConfig(random.pick([4096, 4096, 16_384, 65_536])),
    kasan: !random.chance(0.1),
    vmalloc: !random.chance(0.3),
    pageAllocSample: random.pick([1, 1, 2, 10]),
    pageAllocSampleOrder: random.pick([0, 3]),
    initOnAlloc: random.chance(0.3),
    initOnFree: random.chance(0.3),
  };
}

function randomOptions(random: Random): Omit<AnalyzeOptions, 'policy'> {
  const block = random.pick(['64', '64', '16', '512', '2048', 'dzp']);
  const times = [undefined, undefined, 0.5, 0.96, 1e9];
  return {
    config: randomConfig(random),
    cpu: withDcBlock(cpuProfile(random.pick(['cortex-a710', 'max'])), block),
    recordedBy: random.pick([
      { major: 5, minor: 10 },
      { major: 6, minor: 1 },
      { major: 6, minor: 12 },
      { major: 7, minor: 3 },
    ]),
    groupBy: random.pick([undefined, 'comm', 'stack']),
    since: random.pick(times),
    until: random.pick(times),
    profile: random.pick(builtInProfiles()),
    command: 'fuzz',
    version: '0',
    cmdline: '',
  };
}

/** What is read is replayed under every built-in policy, on a kernel and a CPU that depend on the input. */
export const replayTarget = (): FuzzTarget => ({
  name: 'ftrace-text+replay',
  // Every policy is tried on each input.
  shortRuns: 30,
  corpus: corpus(),
  run(chunks, whole) {
    const reader = new FtraceTextReader({ name: 'fuzz' });
    for (const chunk of chunks) reader.push(chunk);
    const table = reader.finish();
    const options = randomOptions(new Random(hashOf(whole)));
    const results = new Map<string, ReportResult>();
    for (const policy of BUILT_IN_POLICIES) {
      const source = { files: ['fuzz'], format: 'ftrace text', bytes: whole.length };
      const result = analyze(table, source, { ...options, policy });
      checkResult(result, options.groupBy !== undefined);
      if (policy.name === 'none' || !options.config.kasan) checkUntagged(result);
      results.set(policy.name, result);
    }
    const [none, series, before, all] = ['none', 'series', 'before-series', 'all'].map((name) => results.get(name));
    if (none === undefined || series === undefined || before === undefined || all === undefined) {
      throw new Error('a built-in policy is missing');
    }
    for (const other of [none, series, all]) checkSameEvents(other, before);
    // With sampling, an allocation more may push the next one out of the sample.
    if (options.config.pageAllocSample > 1) return;
    checkNoMore(none, series);
    checkNoMore(series, before);
    checkNoMore(before, all);
  },
});
