import { describe, expect, it } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import { bytesOf } from '../text/reading.testdata.ts';
import { line, pageFree, readBytes, readLines } from './reading.testdata.ts';

describe('what perf says it lost', () => {
  // perf script --show-lost-events.
  const lost = (count: number): string => line(`PERF_RECORD_LOST lost ${count}`);
  const lostSamples = (count: number): string => line(`PERF_RECORD_LOST_SAMPLES lost ${count}`);

  it('adds up', () => {
    const { losses, totalEvents } = readLines([pageFree(1), lost(3), pageFree(2), lost(4)]);
    expect(losses).toMatchObject({ droppedEvents: 7, truncatedLines: 0 });
    expect(totalEvents).toBe(2);
  });

  it('is not counted twice where kernels count it per event as well', () => {
    expect(readLines([lost(3), lost(4), lostSamples(5), lostSamples(3)]).losses.droppedEvents).toBe(8);
  });

  it('is at least one event a chunk', () => {
    const said = 'Processed 5911623 events and lost 14 chunks!';
    expect(readLines([pageFree(1), said]).losses).toMatchObject({ droppedEvents: 14, truncatedLines: 0 });
  });
});

describe('lines that say nothing', () => {
  it.each([
    '# ========',
    '# captured on    : Wed Nov 25 14:32:55 2026',
    '',
    '   ',
    '[ perf record: Woken up 1 times to write data ]',
    'Warning:',
    line('PERF_RECORD_COMM: bench:44/44'),
    line('PERF_RECORD_MMAP2 44/44: [0x55(0x1) @ 0 08:01 1 1]: r-xp /usr/bin/true', 'bench 44 [000] 0.5'),
  ])('%j', (text) => {
    const table = readLines([text, pageFree(1)]);
    expect(table.length).toBe(1);
    expect(table.totalEvents).toBe(1);
    expect(table.losses.samples).toEqual([]);
  });
});

describe('lines that cannot be read', () => {
  const broken: readonly (readonly [name: string, text: string, expected: RegExp])[] = [
    ['no event', 'hello', /a line of perf script/],
    ['no time', 'bench 44 [000] kmem:mm_page_free: page=0x1 pfn=0x1 order=0', /a line of perf script/],
    ['a time that is none', 'bench 44 [000] 0.5x: kmem:mm_page_free: pfn=0x1 order=0', /a line of perf script/],
    ['nothing after the time', 'bench 44 [000] 0.5:', /an event such as/],
    ['no tid', 'bench [000] 0.5: kmem:mm_page_free: page=0x1 pfn=0x1 order=0', /a task and its tid/],
    ['a CPU that no machine has', 'b 44 [99999] 0.5: kmem:mm_page_free: page=0 pfn=0x1 order=0', /a task and its tid/],
    ['no key', line('kmem:mm_page_free: page=0x1 order=0'), /pfn=/],
    ['no fields', line('kmem:mm_page_free:'), /pfn=/],
    ['what perf cannot print', line('kmem:kfree: [FAILED TO PARSE] call_site=0x1'), /ptr=/],
    ['no order', line('kmem:mm_page_free: page=0x1 pfn=0x1'), /order=/],
  ];

  it.each(broken)('%s', (_name, text, expected) => {
    const table = readLines([pageFree(1), text, pageFree(2)]);
    expect(dumpEvents(table).map((event) => event.key)).toEqual(['0x1', '0x2']);
    expect(table.losses.truncatedLines).toBe(1);
    expect(table.losses.samples[0]).toMatchObject({ line: 2, offset: pageFree(1).length + 1 });
    expect(table.losses.samples[0].expected).toMatch(expected);
  });

  it.each(broken)('%s, strict', (_name, text) => {
    expect(() => readLines([pageFree(1), text], { strict: true })).toThrow(InputError);
  });

  it('a line without an end is one loss, in any chunks', () => {
    const data = bytesOf(`${pageFree(1)}\n${'x'.repeat(300_000)}\n${pageFree(2)}\n`);
    for (const chunk of [data.length, 1000]) {
      const table = readBytes(data, chunk);
      expect(table.length).toBe(2);
      expect(table.losses.truncatedLines).toBe(1);
    }
  });
});

it('counts clocks that run backwards, by CPU', () => {
  const at = (cpu: number, time: string): string =>
    line('kmem:kfree: call_site=x ptr=0x1', `bench 44 [00${cpu}] ${time}`);
  expect(readLines([at(0, '1.5'), at(1, '1.4'), at(0, '1.3'), at(0, '1.6')]).losses.clockBackwards).toBe(1);
});
