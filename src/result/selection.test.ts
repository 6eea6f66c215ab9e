import { describe, expect, test } from 'vitest';
import { series2026 } from '../cost/series-2026.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { tagSetting } from '../mte/instruction.ts';
import { builtInPolicy } from '../policy/named.ts';
import { AS_RECORDED } from '../policy/as-recorded.ts';
import type { GroupBy } from '../replay/options.ts';
import { EVERYTHING, type Selection } from '../replay/selection.ts';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import { analyze } from './analyze.ts';
import { allGranules } from './granules.ts';

/**
 * One page of a driver for each of two tasks, on two CPUs; the second is freed by the first task. A page for perf's event,
 * one of trace-cmd, and the free of a page from before the trace. A page of 4 KiB is 256 granules and 67 instructions.
 */
const TRACE = `
  gcc-10 [000] ..... 1.000000: mm_page_alloc: pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_KERNEL
  => alloc_pages_noprof
  => a_driver
  cc1-11 [001] ..... 1.100000: mm_page_alloc: pfn=0x101 order=0 migratetype=0 gfp_flags=GFP_KERNEL
  => alloc_pages_noprof
  => a_driver
  gcc-10 [000] ..... 1.200000: mm_page_free: pfn=0x101 order=0
  gcc-10 [000] ..... 1.300000: mm_page_alloc: pfn=0x102 order=0 migratetype=0 gfp_flags=GFP_KERNEL
  => alloc_pages_noprof
  => perf_event_alloc
  => inherit_event
  trace-cmd-9 [001] ..... 1.400000: mm_page_alloc: pfn=0x103 order=1 migratetype=0 gfp_flags=GFP_KERNEL
  => alloc_pages_noprof
  => seq_buf_alloc
  cc1-11 [001] ..... 1.500000: mm_page_free: pfn=0x900 order=0`;
const PAGE = 67;

const analyzed = (selection: Partial<Selection>, groupBy?: GroupBy) =>
  analyze(
    traceFromText(TRACE),
    { files: ['a.trace'], format: 'ftrace text', bytes: 1 },
    {
      policy: builtInPolicy('before-series') ?? AS_RECORDED,
      profile: series2026(),
      cpu: cpuProfile('cortex-a710'),
      config: defaultKernelConfig(),
      recordedBy: { major: 7, minor: 3 },
      selection: { ...EVERYTHING, ...selection },
      groupBy,
      command: '',
      version: '',
      cmdline: '',
    },
  );
const work = (selection: Partial<Selection>): readonly number[] => {
  const { totals } = analyzed(selection);
  return [totals.allocations, allGranules(totals) / 256, tagSetting(totals.instructions) / PAGE];
};

describe('who allocated decides what is counted, whoever frees it', () => {
  test.each<readonly [Partial<Selection>, allocations: number, pages: number]>([
    // Its page, allocated and freed by the other.
    [{ comms: ['cc*'] }, 1, 2],
    [{ pids: [11] }, 1, 2],
    // Two pages of two, one of them perf's.
    [{ comms: ['gcc'] }, 2, 2],
    [{ cpus: [0] }, 2, 2],
    [{ comms: ['gcc', 'cc1'] }, 3, 4],
    [{ comms: ['gcc', 'cc1'], cpus: [1] }, 1, 2],
    [{ comms: ['gcc'], excludeRecorder: true }, 1, 1],
    [{ comms: ['nobody'] }, 0, 0],
  ])('%o', (selection, allocations, pages) => {
    const [allocated, taggedPages] = work(selection);
    expect([allocated, taggedPages]).toEqual([allocations, pages]);
  });

  test('estimates of what nobody is known to have allocated are no part of it', () => {
    expect(analyzed({}).estimates.map(({ name }) => name)).toEqual(['pagesFromBeforeTrace']);
    const { estimates, totals } = analyzed({ pids: [11] });
    expect(estimates).toEqual([]);
    expect(totals.tagInstructions).toEqual({ low: 2 * PAGE, best: 2 * PAGE, high: 2 * PAGE });
  });
});

describe('what is allocated for the recording', () => {
  // perf's page is 67 instructions, trace-cmd's two pages are 4 + 127.
  const RECORDERS = PAGE + 131;

  test('is flagged with its share, and where it is allocated', () => {
    const { recorder, notes, totals } = analyzed({});
    const all = tagSetting(totals.instructions);
    expect(recorder).toEqual({
      allocations: 2,
      granules: 3 * 256,
      tagInstructions: RECORDERS,
      share: RECORDERS / all,
      excluded: false,
      sites: ['seq_buf_alloc', 'perf_event_alloc'],
    });
    expect(notes).toMatchObject([{ id: 'recorder', tagInstructions: RECORDERS, share: RECORDERS / all }]);
  });

  test('is left out on request, and nothing else is', () => {
    const all = tagSetting(analyzed({}).totals.instructions);
    const { recorder, notes, totals } = analyzed({ excludeRecorder: true });
    expect(tagSetting(totals.instructions)).toBe(all - RECORDERS);
    expect(recorder).toMatchObject({ excluded: true, tagInstructions: RECORDERS, share: RECORDERS / all });
    expect(notes).toEqual([]);
  });
});

test.each<readonly [GroupBy, readonly string[]]>([
  ['pid', ['', 'cc1-11', 'gcc-10', 'trace-cmd-9']],
  ['order', ['', 'order 0', 'order 1']],
  ['cache', ['', '(pages)']],
  ['comm', ['', 'cc1', 'gcc', 'trace-cmd']],
])('by %s', (groupBy, groups) => {
  const { byGroup, totals } = analyzed({}, groupBy);
  expect([...new Set(byGroup.map(({ group }) => group))].toSorted()).toEqual(groups);
  expect(byGroup.reduce((sum, each) => sum + allGranules(each), 0)).toBe(allGranules(totals));
});

test('a selection that is of nobody is no answer of "nothing": a warning says so', () => {
  const said = expect.arrayContaining([expect.stringContaining('no allocation in the trace is of those')]);
  expect(analyzed({ comms: ['forkthr*'] }).warnings).toEqual(said);
  expect(analyzed({ comms: ['gcc'] }).warnings).not.toEqual(said);
  expect(analyzed({}).warnings).not.toEqual(said);
});
