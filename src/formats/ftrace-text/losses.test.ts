import { describe, expect, it } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { bytesOf } from '../text/reading.testdata.ts';
import { line, pageAlloc, readBytes, readLines, stack } from './reading.testdata.ts';

/** The error that reading ends with. */
function errorOf(read: () => EventTable): InputError {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the input was read');
}

describe('what the tracer says it lost', () => {
  it.each([
    ['trace_pipe', 'CPU:1 [LOST 123 EVENTS]', 123],
    ['trace_pipe without a count', 'CPU:1 [LOST EVENTS]', 1],
    ['trace-cmd', 'CPU:1 [EVENTS DROPPED]', 1],
    ['trace-cmd with a count', 'CPU:1 [77 EVENTS DROPPED]', 77],
    // trace-read.c:print_handle_file: the name of a buffer, or blanks for the top one.
    ['trace-cmd with several buffers', '      CPU:1 [77 EVENTS DROPPED]', 77],
    ['trace-cmd, of a buffer with a name', 'inst: CPU:1 [77 EVENTS DROPPED]', 77],
    // kernel/trace/trace.c:print_trace_header, which latency tracers and the option latency-format have.
    ['header of a latency tracer', '# latency: 0 us, #2/5000, CPU#0 | (M:preempt VP:0, KP:0, SP:0 HP:0 #P:2)', 4998],
    ['header', '# entries-in-buffer/entries-written: 2/5000   #P:2', 4998],
  ])('%s', (_name, text, dropped) => {
    const { losses } = readLines([text, pageAlloc(1), pageAlloc(2)]);
    expect(losses).toMatchObject({ droppedEvents: dropped, missingEntries: 0, truncatedLines: 0 });
  });

  it('adds up the marks', () => {
    const { losses } = readLines(['CPU:0 [LOST 3 EVENTS]', pageAlloc(1), 'CPU:1 [LOST 4 EVENTS]', pageAlloc(2)]);
    expect(losses.droppedEvents).toBe(7);
  });

  it('counts entries that the header announces and the file does not have', () => {
    const { losses } = readLines([
      '# tracer: nop',
      '#',
      '# entries-in-buffer/entries-written: 10/10   #P:1',
      pageAlloc(1),
      ...stack(['a']),
      line('rss_stat: mm_id=1'),
    ]);
    expect(losses).toMatchObject({ missingEntries: 7, droppedEvents: 0 });
  });
});

it('a line that cannot be read is one loss, not an entry that is missing as well', () => {
  const header = '# entries-in-buffer/entries-written: 4/4   #P:1';
  const { losses } = readLines([header, pageAlloc(1), line('kfree: call_site=a'), pageAlloc(2)]);
  expect(losses).toMatchObject({ truncatedLines: 1, missingEntries: 1 });
});

describe('lines that say nothing', () => {
  it.each([
    '##### CPU 1 buffer started ####',
    '# tracer: nop',
    '#                              | / _---=> hardirq/softirq',
    'cpus=2',
    'version = 7',
    'CPU 1 is empty',
    'inst:  CPU 1 is empty',
    'TRACE:',
    'capturing trace... done',
    'CPU:0 [SUBBUFFER START]',
    '',
    '   ',
  ])('%j', (text) => {
    const table = readLines([text, pageAlloc(1)]);
    expect(table.length).toBe(1);
    expect(table.losses.samples).toEqual([]);
  });
});

describe('lines that cannot be read', () => {
  const broken: readonly (readonly [name: string, text: string, expected: RegExp])[] = [
    ['no event line', 'hello', /an event line/],
    ['a function graph', '  0)   0.123 us    |  copy_process();', /an event line/],
    ['no time', '  bench-44 [000] ..... mm_page_free: page=0 pfn=0x1 order=0', /an event line/],
    ['a time that is none', '  bench-44 [000] ..... 0.5x: mm_page_free: page=0 pfn=0x1 order=0', /an event line/],
    ['nothing after the time', '  bench-44 [000] ..... 0.5:', /an event name/],
    ['blanks after the time', '  bench-44 [000] ..... 0.5:     ', /an event name/],
    ['no colon', '  bench-44 [000] ..... 0.5: mm_page_free', /an event name followed by a colon/],
    ['no pid', '  bench [000] ..... 0.5: mm_page_free: page=0 pfn=0x1 order=0', /a task such as/],
    [
      'a CPU that no machine has',
      '  bench-44 [99999] ..... 0.5: mm_page_free: page=0 pfn=0x1 order=0',
      /a task such as/,
    ],
    ['no key', line('mm_page_free: page=0 order=0'), /pfn=/],
    ['no key at all', line('kfree: '), /ptr=/],
    ['a key that is no number', line('mm_page_free: page=0 pfn=zzz order=0'), /a number or a pointer/],
    ['a negative key', line('mm_page_free: page=0 pfn=-1 order=0'), /a number or a pointer/],
    ['a key of 17 digits', line('kfree: call_site=a ptr=10000000000000000'), /a number or a pointer/],
    ['a decimal key beyond 64 bits', line('mm_page_free: page=0 pfn=18446744073709551616 order=0'), /a number/],
    ['no order', line('mm_page_free: page=0 pfn=0x1'), /order=/],
    ['an order that is no number', line('mm_page_free: page=0 pfn=0x1 order=two'), /order=/],
    ['no flags', line('mm_page_alloc: page=0 pfn=0x1 order=0 migratetype=0'), /gfp_flags=/],
    ['no size', line('kmalloc: call_site=a ptr=1 bytes_alloc=8 gfp_flags=GFP_KERNEL'), /bytes_req=/],
    [
      'a negative size',
      line('kmalloc: call_site=a ptr=1 bytes_req=-8 bytes_alloc=8 gfp_flags=GFP_KERNEL'),
      /a size from 0/,
    ],
    [
      'a size beyond 2^53',
      line('alloc_vmap_area: va_start: 1 size=9007199254740993 align=1 failed=0'),
      /a size from 0/,
    ],
    [
      'an alignment beyond 2^52',
      line('alloc_vmap_area: va_start: 1 size=4096 align=4503599627370497 failed=0'),
      /a size from 0/,
    ],
    [
      'an alignment beyond 2^53',
      line('alloc_vmap_area: va_start: 1 size=1 align=1152921504606846976'),
      /a size from 0/,
    ],
    ['a negative alignment', line('alloc_vmap_area: va_start: 1 size=4096 align=-1 failed=0'), /a size from 0/],
  ];

  it.each(broken)('%s', (_name, text, expected) => {
    const table = readLines([pageAlloc(1), text, pageAlloc(2)]);
    expect(dumpEvents(table).map((event) => event.key)).toEqual(['0x1', '0x2']);
    expect(table.losses.truncatedLines).toBe(1);
    expect(table.losses.samples).toHaveLength(1);
    expect(table.losses.samples[0]).toMatchObject({ line: 2, offset: pageAlloc(1).length + 1 });
    expect(table.losses.samples[0].expected).toMatch(expected);
    expect(table.totalEvents).toBe(2);
  });

  it.each(broken)('%s, strict', (_name, text) => {
    const error = errorOf(() => readLines([pageAlloc(1), text, pageAlloc(2)], { strict: true }));
    expect(error.where).toBe(`test.trace, line 2, byte ${pageAlloc(1).length + 1}`);
    expect(error.advice).toMatch(/strict/);
  });

  it('are all counted, and the first few shown', () => {
    const { losses } = readLines(Array.from({ length: 100 }, () => 'hello'));
    expect(losses.truncatedLines).toBe(100);
    expect(losses.samples.map((sample) => sample.line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('pointers that were not printed are kept and counted', () => {
    const table = readLines([line('kfree: call_site=a ptr=(____ptrval____)')]);
    expect(table.length).toBe(1);
    expect(table.losses.unprintedPointers).toBe(1);
  });
});

describe('values that no kernel prints', () => {
  it.each([
    ['an order below 0', 'mm_page_free: page=0 pfn=0x1 order=-1', 'an order from 0 to 15'],
    [
      'an order beyond any',
      'mm_page_alloc: page=0 pfn=0x1 order=16 migratetype=0 gfp_flags=GFP_KERNEL',
      'an order from',
    ],
    ['a pfn of 2^52', 'mm_page_free: page=0 pfn=0x10000000000000 order=0', 'a page frame number below 2^52'],
    ['a decimal pfn beyond it', 'mm_page_free: page=0 pfn=18446744073709551614 order=0', 'a page frame number'],
  ])('%s: the line is lost, and what comes after it is read', (_name, rest, expected) => {
    const data = bytesOf(`${pageAlloc(1)}\n\n${line(rest)}\n${pageAlloc(2)}\n`);
    for (const chunk of [data.length, 7, 1]) {
      const { losses, length } = readBytes(data, chunk);
      expect([length, losses.truncatedLines]).toEqual([2, 1]);
      expect(losses.samples[0]).toMatchObject({ line: 3, expected: expect.stringContaining(expected) });
      const error = errorOf(() => readBytes(data, chunk, { strict: true }));
      expect(error.where).toBe(`test.trace, line 3, byte ${pageAlloc(1).length + 2}`);
      expect(error.expected).toContain(expected);
    }
  });

  it('takes the largest pfn', () => {
    const table = readLines([line('mm_page_free: page=0 pfn=0xfffffffffffff order=15')]);
    expect(dumpEvents(table)[0].key).toBe('0xfffffffffffff');
  });
});

describe('files cut short', () => {
  const whole = `${pageAlloc(1)}\n${pageAlloc(2)}`;

  it('takes a whole last line without a newline', () => {
    expect(readBytes(bytesOf(whole)).length).toBe(2);
  });

  it('counts a last line that is cut before its last field', () => {
    const table = readBytes(bytesOf(whole.slice(0, whole.length - ' gfp_flags=GFP_KERNEL'.length - 4)));
    expect(table.length).toBe(1);
    expect(table.losses.truncatedLines).toBe(1);
  });

  it('takes what there is of a last stack', () => {
    const text = [pageAlloc(1), ...stack(['a', 'b'])].join('\n');
    expect(dumpEvents(readBytes(bytesOf(text)))[0].stack).toEqual(['a', 'b']);
    expect(dumpEvents(readBytes(bytesOf(text.slice(0, -2))))[0].stack).toEqual(['a']);
  });

  it('does not look beyond the end, where bytes of lines before may lie', () => {
    const data = bytesOf([pageAlloc(1), ...stack(['a']), pageAlloc(2), line('<')].join('\n'));
    const expected = dumpTable(readBytes(data));
    for (let chunk = 1; chunk < data.length; chunk++) expect(dumpTable(readBytes(data, chunk))).toEqual(expected);
  });

  it('never fails, wherever the cut is', () => {
    const data = bytesOf(
      `# entries-in-buffer/entries-written: 3/3   #P:1\n${[pageAlloc(1), ...stack(['a']), pageAlloc(2)].join('\n')}\n`,
    );
    for (let length = 0; length <= data.length; length++) {
      const table = readBytes(data.subarray(0, length));
      expect(table.length).toBeLessThanOrEqual(2);
    }
  });
});

describe('input that is no trace', () => {
  it('empty', () => {
    const table = readBytes(new Uint8Array(0), 1);
    expect(table).toMatchObject({ length: 0, totalEvents: 0, firstTime: 0, lastTime: 0, baseSeconds: 0, cpus: 0 });
  });

  it('newlines only', () => {
    expect(readBytes(new Uint8Array(5000).fill(10)).losses.truncatedLines).toBe(0);
  });

  it('NUL bytes', () => {
    const text = `${pageAlloc(1)}\n${'\0'.repeat(5000)}\n${line('mm_page_free: page=0 pfn=0x1\0 order=0')}\n${pageAlloc(2)}\n`;
    const table = readBytes(bytesOf(text));
    expect(table.length).toBe(2);
    expect(table.losses.truncatedLines).toBe(2);
  });

  it('binary', () => {
    const data = Uint8Array.from({ length: 300_000 }, (_, n) => Math.imul(n, 0x9e3779b1) >>> 23);
    const table = readBytes(data);
    expect(table.length).toBe(0);
    expect(table.losses.truncatedLines).toBeGreaterThan(0);
    expect(errorOf(() => readBytes(data, 4096, { strict: true })).found).toMatch(/^"[\x20-\x7e…]*"$/);
  });
});

describe('line ends', () => {
  it('may have a carriage return', () => {
    const lines = [
      '# tracer: nop',
      pageAlloc(1),
      ...stack(['a', 'b']),
      line('kfree: call_site=a ptr=0000000000000001'),
      'CPU:1 [LOST 3 EVENTS]',
      '',
    ];
    const unix = readLines(lines);
    const windows = readBytes(bytesOf(lines.map((text) => `${text}\r\n`).join('')));
    expect(dumpTable(windows)).toEqual(dumpTable(unix));
  });
});

describe('lines longer than a reader would hold', () => {
  const long = `${line('tracing_mark_write: ')}${'x'.repeat(70_000)}`;
  const limit = `${line('tracing_mark_write: ')}`.padEnd(1 << 16, 'x');

  it.each([1 << 21, 1 << 16, 1000, 1])('are lost and counted once, in chunks of %i', (chunk) => {
    const data = bytesOf([pageAlloc(1), long, pageAlloc(2), limit, `${limit}x`, pageAlloc(3), ''].join('\n'));
    const table = readBytes(data, chunk);
    expect(dumpEvents(table).map((event) => event.key)).toEqual(['0x1', '0x2', '0x3']);
    expect(table.byType.get('tracing_mark_write')).toBe(1);
    expect(table.losses.truncatedLines).toBe(2);
    expect(table.losses.samples.map((sample) => sample.line)).toEqual([2, 5]);
  });

  it('are lost without holding them', () => {
    const table = readBytes(new Uint8Array(20_000_000).fill(65), 1 << 16);
    expect(table.losses.truncatedLines).toBe(1);
  });

  it('of blanks are read in one pass', () => {
    // Looking for a field from each of the blanks would be 7 * 10^11 steps.
    const lines = Array.from({ length: 400 }, () => `${' '.repeat(60_000)}[000] ..... 0.5: x: y`);
    expect(readLines(lines).losses.truncatedLines).toBe(400);
  });
});

describe('clocks', () => {
  it('counts times that go back on a CPU, not between CPUs', () => {
    const times = ['2.0', '1.0', '3.0', '2.5'];
    const onOne = readLines(times.map((time, n) => pageAlloc(n, { time })));
    expect(onOne.losses.clockBackwards).toBe(2);
    const onTwo = readLines(times.map((time, n) => pageAlloc(n, { time, cpu: n & 1 })));
    expect(onTwo.losses.clockBackwards).toBe(0);
    expect([onOne.baseSeconds, onOne.firstTime, onOne.lastTime]).toEqual([2, -1_000_000_000, 1_000_000_000]);
  });

  it('keeps nanoseconds beyond 2^53', () => {
    const times = ['9007199254740993001', '9007199254740993002'];
    const [first, second] = dumpEvents(readLines(times.map((time, n) => pageAlloc(n, { time }))));
    expect(second.time - first.time).toBe(1);
  });
});
