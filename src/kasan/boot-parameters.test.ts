import { describe, expect, test } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { parseBootParameters } from './boot-parameters.ts';
import { DEFAULT_DETECTION, type Detection } from './detection.ts';
import { defaultKernelConfig } from './kernel-config.ts';

const parse = (commandLine: string) => parseBootParameters(commandLine, defaultKernelConfig());

describe('defaults (mm/kasan/hw_tags.c, 7.3; page_alloc.md section 5)', () => {
  test('an empty command line changes nothing', () => {
    expect(parse('')).toEqual({ config: defaultKernelConfig(), ignored: [], warnings: [] });
    expect(parse(' \t\n ')).toEqual({ config: defaultKernelConfig(), ignored: [], warnings: [] });
  });

  test('on, vmalloc tagged, every allocation sampled, order 3, no init', () => {
    expect(defaultKernelConfig()).toMatchObject({
      kasan: true,
      vmalloc: true,
      pageAllocSample: 1,
      pageAllocSampleOrder: 3,
      initOnAlloc: false,
      initOnFree: false,
    });
  });

  test.each([
    [4096, 16384, 8192],
    [16384, 16384, 32768],
    [65536, 65536, 131072],
  ])(
    'pages of %i: THREAD_SIZE %i (fork_stack_pgtable.md section 1), largest kmalloc cache %i',
    (page, stack, kmalloc) => {
      expect(defaultKernelConfig(page)).toMatchObject({
        pageSize: page,
        threadSize: stack,
        kmallocMaxCacheSize: kmalloc,
      });
    },
  );
});

describe('what a parameter sets', () => {
  test.each([
    ['kasan=off', { kasan: false }],
    ['kasan=on', { kasan: true }],
    ['kasan.vmalloc=off', { vmalloc: false }],
    ['kasan.page_alloc.sample=10', { pageAllocSample: 10 }],
    ['kasan.page_alloc.sample.order=0', { pageAllocSampleOrder: 0 }],
    ['init_on_alloc=1', { initOnAlloc: true }],
    ['init_on_free=1', { initOnFree: true }],
    ['kasan=off kasan=on', { kasan: true }],
    [
      'kasan.page_alloc.sample=10 kasan.page_alloc.sample.order=5 init_on_free=y',
      {
        pageAllocSample: 10,
        pageAllocSampleOrder: 5,
        initOnFree: true,
      },
    ],
  ])('%s', (commandLine, changes) => {
    expect(parse(commandLine)).toEqual({ config: { ...defaultKernelConfig(), ...changes }, ignored: [], warnings: [] });
  });

  test.each<readonly [string, Partial<Detection>]>([
    ['kasan.mode=sync', {}],
    ['kasan.mode=async', { mode: 'async' }],
    ['kasan.mode=asymm', { mode: 'asymm' }],
    ['kasan.write_only=on', { writeOnly: true }],
    ['kasan.stacktrace=off', { stacktrace: false }],
    ['kasan.stack_ring_size=1', { stackRingSize: 1 }],
    ['kasan.fault=panic', { fault: 'panic' }],
    ['kasan.fault=panic_on_write', { fault: 'panic_on_write' }],
    ['kasan_multi_shot', { multiShot: true }],
    ['kasan.mode=asymm kasan.write_only=on kasan.mode=async', { mode: 'async', writeOnly: true }],
  ])('%s changes detection or reports, but no tag store', (commandLine, changes) => {
    const config = { ...defaultKernelConfig(), detection: { ...DEFAULT_DETECTION, ...changes } };
    expect(parse(commandLine)).toEqual({ config, ignored: [], warnings: [] });
  });

  test.each(['1', 'y', 'Y', 't', 'yes', 'on', 'ON'])('init_on_alloc=%s is true (lib/kstrtox.c:kstrtobool)', (value) => {
    expect(parse(`init_on_alloc=${value}`).config.initOnAlloc).toBe(true);
  });

  test.each(['0', 'n', 'N', 'f', 'no', 'off', 'OFF'])('init_on_free=%s is false', (value) => {
    expect(parse(`init_on_free=1 init_on_free=${value}`).config.initOnFree).toBe(false);
  });

  test('a whole /proc/cmdline may be given: the rest is listed', () => {
    const parsed = parse('BOOT_IMAGE=/vmlinuz root=/dev/vda ro quiet kasan.vmalloc=off -- single');
    expect(parsed.config.vmalloc).toBe(false);
    expect(parsed.ignored).toEqual(['BOOT_IMAGE=/vmlinuz', 'root=/dev/vda', 'ro', 'quiet', '--', 'single']);
  });
});

describe('what the kernel itself resets (page_alloc.md section 5)', () => {
  test('sample=0 becomes 1', () => {
    const { config, warnings } = parse('kasan.page_alloc.sample=5 kasan.page_alloc.sample=0');
    expect(config.pageAllocSample).toBe(1);
    expect(warnings).toEqual([expect.stringContaining('kasan.page_alloc.sample=0')]);
  });

  test('a sample beyond LONG_MAX becomes 1', () => {
    const { config, warnings } = parse('kasan.page_alloc.sample=9223372036854775808');
    expect(config.pageAllocSample).toBe(1);
    expect(warnings).toHaveLength(1);
  });

  test('an order beyond INT_MAX becomes 3; INT_MAX itself is taken', () => {
    expect(parse('kasan.page_alloc.sample.order=2147483647').config.pageAllocSampleOrder).toBe(2147483647);
    const { config, warnings } = parse('kasan.page_alloc.sample.order=2147483648');
    expect(config.pageAllocSampleOrder).toBe(3);
    expect(warnings).toEqual([expect.stringContaining('kasan.page_alloc.sample.order=2147483648')]);
  });
});

describe('usage errors', () => {
  test.each(['kasan.vmaloc=off', 'kasan.page_alloc.sampel=2', 'kasan_multishot', 'init_on_allloc=1', 'kasan.='])(
    'the misspelt parameter %s is named, not ignored',
    (commandLine) => {
      const error = thrownBy(commandLine);
      expect(error.message).toContain(`"${commandLine.replace(/=.*/, '')}"`);
      expect(error.advice).toContain('kasan.page_alloc.sample');
    },
  );

  test.each([
    'kasan=maybe',
    'kasan=1',
    'kasan',
    'kasan.vmalloc=',
    'kasan.mode=fast',
    'kasan.write_only=1',
    'kasan.fault=oops',
    'kasan.stack_ring_size=0',
    'kasan.stack_ring_size=99999999999',
    'kasan_multi_shot=1',
    'kasan.page_alloc.sample=-1',
    'kasan.page_alloc.sample=ten',
    'kasan.page_alloc.sample=1.5',
    'kasan.page_alloc.sample.order=',
    'init_on_alloc=2',
    'init_on_free=perhaps',
  ])('%s: the value is named, with what the parameter takes', (commandLine) => {
    const error = thrownBy(commandLine);
    expect(error.message).toContain(`"${commandLine}"`);
    expect(error.advice).toContain('takes');
  });
});

function thrownBy(commandLine: string): UsageError {
  try {
    parse(commandLine);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
