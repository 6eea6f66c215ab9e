import { describe, expect, test } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import type { ReplayOptions } from '../replay/options.ts';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import { doubts, formDoubts, outOfRange, refuseContradictions } from './plausible.ts';

const OPTIONS: ReplayOptions = {
  policy: BUILT_IN_POLICIES[0],
  config: defaultKernelConfig(),
  cpu: cpuProfile('cortex-a710'),
  recordedBy: { major: 7, minor: 3 },
};

// A stack's area: 16 KiB and a guard page of 4 KiB.
const TRACE = traceFromText(`
  bash-1 [000] ..... 10.000001: alloc_vmap_area: va_start: 1000 size=20480 align=32768 vstart=0x0 vend=0x1 failed=0
  bash-1 [000] ..... 12.000000: kfree: call_site=f+0x1/0x2 ptr=00000000aaaa0001
`);

test('a page size that no vmalloc area of the trace is a multiple of is refused', () => {
  const config = defaultKernelConfig(16384);
  expect(() => refuseContradictions(TRACE, { ...OPTIONS, config })).toThrow(UsageError);
  expect(() => refuseContradictions(TRACE, { ...OPTIONS, config })).toThrow(/20480/);
  expect(() => refuseContradictions(TRACE, OPTIONS)).not.toThrow();
});

test.each([{ since: 13 }, { until: 10 }])('a time window outside the trace is refused (%o)', (window) => {
  expect(() => refuseContradictions(TRACE, { ...OPTIONS, ...window })).toThrow(UsageError);
});

test.each([{ since: 11 }, { until: 11 }, { since: 10, until: 12.5 }])(
  'a window that meets the trace is not (%o)',
  (window) => {
    expect(() => refuseContradictions(TRACE, { ...OPTIONS, ...window })).not.toThrow();
  },
);

test('a version that somebody gave, and that does not print what the trace shows, raises a doubt', () => {
  const old = traceFromText(
    'mm_page_alloc: page=1 pfn=0x1 order=0 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_COMP|__GFP_ZERO',
  );
  const doubtsAt = (minor: number, versionFrom: 'given' | 'assumed') =>
    formDoubts(old, { recordedBy: { major: 6, minor }, versionFrom });
  expect(doubtsAt(18, 'given')).toEqual([expect.stringMatching(/does not look like Linux 6\.18 \(at most 6\.14: /)]);
  expect([doubtsAt(12, 'given'), doubtsAt(18, 'assumed')]).toEqual([[], []]);
});

test('tags in a trace that is said to be from before HW_TAGS (5.11) raise a doubt', () => {
  const facts = { hwTags: true, pointers: 'plain', stacks: false, interrupts: true } as const;
  expect(doubts(facts, { ...OPTIONS, recordedBy: { major: 5, minor: 10 } })).toHaveLength(1);
  expect(doubts(facts, OPTIONS)).toEqual([]);
  expect(doubts({ ...facts, hwTags: false }, { ...OPTIONS, recordedBy: { major: 5, minor: 10 } })).toEqual([]);
});

describe('kernels that no rule is of are said to be out of range', () => {
  const recordedBy = { major: 6, minor: 18 };

  test.each(['armv7l', 'armv8l', 'i686', 'x86', 'arm', 'mips'])('32 bits: %s', (architecture) => {
    expect(outOfRange({ architecture }, { recordedBy })).toEqual([
      expect.stringContaining(`32-bit kernel (${architecture}), which is out of range`),
    ]);
  });

  test.each(['aarch64', 'arm64', 'x86_64', 'riscv64', 's390x', 'ppc64le', ''])('64 bits: %s', (architecture) => {
    expect(outOfRange({ architecture }, { recordedBy })).toEqual([]);
  });

  test('5.10 is the oldest that is known', () => {
    const of = (major: number, minor: number) =>
      outOfRange({ architecture: 'aarch64' }, { recordedBy: { major, minor } });
    expect(of(5, 10)).toEqual([]);
    expect(of(5, 9)).toEqual([expect.stringContaining('Linux 5.9 is out of range')]);
    expect(of(4, 19)).toEqual([expect.stringContaining('Linux 4.19 is out of range')]);
  });

  test('7.3 is the newest', () => {
    const of = (major: number, minor: number) =>
      outOfRange({ architecture: 'aarch64' }, { recordedBy: { major, minor } });
    expect(of(7, 3)).toEqual([]);
    expect(of(7, 4)).toEqual([expect.stringContaining('Linux 7.4 is newer than 7.3')]);
    expect(of(99, 9)).toEqual([expect.stringContaining('Linux 99.9 is newer than 7.3')]);
  });
});
