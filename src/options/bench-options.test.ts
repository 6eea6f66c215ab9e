import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { BenchRun, type Workload } from '../workload/bench-run.ts';
import { parseBenchOptions, type BenchSettings } from './bench-options.ts';
import type { BenchOptions } from './commands/bench.ts';

const parse = (workload: string, given: BenchOptions): BenchSettings => parseBenchOptions(workload, given);

/** Some of the memory that an option may give: the ends of its range, and what is small enough to run in a moment. */
const memory = fc.constantFrom('1', '2', '5', '32');
const pageSize = fc.constantFrom('4k', '16k', '64k');
const VA_BITS: Readonly<Record<string, readonly string[]>> = {
  '4k': ['39', '48', '52'],
  '16k': ['36', '47', '48', '52'],
  '64k': ['42', '48', '52'],
};
const kernel = fc.constantFrom('6.12', '6.13', '6.18', '7.0', '7.2', '7.3');
const kasan = fc.constantFrom('hw-tags', 'sw-tags', 'generic', 'off');
const yesNo = fc.constantFrom('y', 'n');

const options = fc
  .record({
    pageSize,
    kernel,
    kasan,
    memory,
    ram: fc.constantFrom('128', '1024'),
    cpus: fc.constantFrom('1', '3', '64'),
  })
  .chain((given) =>
    fc
      .record({
        workload: fc.constantFrom('thread', 'pgtable', 'shell'),
        vaBits: fc.constantFrom(...VA_BITS[given.pageSize]),
        scs: yesNo,
        memcg: yesNo,
        thp: fc.boolean(),
        vmapStack: fc.boolean(),
        threads: fc.constantFrom('1', '2', '19', '70'),
        seed: fc.constantFrom('0', '4294967295'),
        dcBlock: fc.constantFrom('16', '64', '2048', 'dzp'),
        cmdline: fc.constantFrom('', 'init_on_alloc=1 init_on_free=1', 'kasan.page_alloc.sample=1000000000'),
      })
      .map(({ workload, vaBits, scs, memcg, thp, threads, ...rest }): [string, BenchOptions] => [
        workload,
        {
          ...rest,
          pageSize: given.pageSize,
          kernel: given.kernel,
          kasan: given.kasan,
          ram: given.ram,
          cpus: given.cpus,
          config: `ARM64_VA_BITS=${vaBits} SHADOW_CALL_STACK=${scs} MEMCG=${memcg} NUMA=${memcg}`,
          iterations: '2',
          ...(workload === 'thread' ? { threads } : {}),
          ...(workload === 'pgtable' ? { mem: given.memory, thp } : {}),
        },
      ]),
  );

const run = ({ config, cpu, cpus, ram, seed }: BenchSettings, workload: Workload): BenchRun => {
  const [policy] = BUILT_IN_POLICIES;
  const bench = new BenchRun({ policy, config, cpu, cpus, ram, seed }, workload);
  while (!bench.isDone) bench.step();
  return bench;
};

describe('every value that bench takes', () => {
  test('runs to its end, or ends in words where memory is out', () => {
    fc.assert(
      fc.property(options, ([workload, raw]) => {
        const settings = parse(workload, raw);
        const bench = run(settings, settings.workload);
        if (bench.ended === undefined) expect(bench.iterations).toBe(2);
        else expect(bench.ended).toMatch(/^memory is out: no room for .*, which ends in/);
      }),
      { numRuns: 40 },
    );
  });

  test.each<readonly [workload: string, given: BenchOptions]>([
    ['pgtable', { mem: '1', ram: '131072' }],
    ['thread', { threads: '1', ram: '131072', pageSize: '64k' }],
  ])('the most memory: %s %o', (workload, raw) => {
    const settings = parse(workload, { ...raw, iterations: '1' });
    expect(run(settings, settings.workload).ended).toBeUndefined();
  });

  test('as much as pgtable may map has a machine that holds it', () => {
    const { ram, workload } = parse('pgtable', { mem: '65536' });
    expect(workload.memory).toBe(2 ** 36);
    expect(ram).toBeGreaterThan(workload.memory);
  });
});

describe('what bench does not take is refused in words', () => {
  test.each<readonly [options: BenchOptions, message: string]>([
    [{ mem: '65537' }, '--mem 65537: out of range'],
    [{ ram: '131073' }, '--ram 131073: out of range'],
    [{ ram: '127' }, '--ram 127: out of range'],
    [{ mem: '65536', kasan: 'sw-tags' }, '69837 MiB of memory with --kasan sw-tags'],
    [{ mem: '2000', ram: '1000' }, '--mem 2000 is more than the machine has'],
    [{ kernel: '6.11' }, '--kernel 6.11: the model does not have it'],
    [{ kernel: '8.0' }, '--kernel 8.0: the model does not have it'],
    [{ kernel: 'new' }, '--kernel new: not a kernel version'],
    [{ config: 'ARM64_VA_BITS=47' }, '--config: "ARM64_VA_BITS=47" is not a value'],
    [{ config: 'PREEMPT=y' }, '--config: unknown option "PREEMPT=y"'],
  ])('%o', (raw, message) => {
    expect(() => parse('pgtable', raw)).toThrow(message);
  });
});
