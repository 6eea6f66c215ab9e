import { describe, expect, it } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { bytesOf, readBytesWith } from '../text/reading.testdata.ts';
import type { EnvelopeKind } from './envelope.ts';
import { FtraceTextReader } from './reader.ts';
import { pageAlloc } from './reading.testdata.ts';

/** Reads text in an envelope, in chunks of several sizes, which must make no difference. */
function read(envelope: EnvelopeKind, text: string): EventTable {
  const readBytes = readBytesWith((options) => new FtraceTextReader({ ...options, envelope }));
  const table = readBytes(bytesOf(text));
  for (const chunk of [1, 7, 1000]) expect(dumpEvents(readBytes(bytesOf(text), chunk))).toEqual(dumpEvents(table));
  return table;
}

const keys = (table: EventTable): string[] => dumpEvents(table).map(({ key }) => key);
const NOISE = '<html>\n<script>var x = "  a-1 [000] ..... 0.5: kfree: call_site=a ptr=1";\n</script>\n';

describe('a page of systrace', () => {
  it('has the trace in an element, behind lines of any length', () => {
    const page = `${NOISE}${'x'.repeat(200_000)}\n  <script class="trace-data" type="application/text">\n# tracer: nop\n${pageAlloc(1)}\n${pageAlloc(2)}\n  </script>\n${NOISE}`;
    const table = read('page', page);
    expect(keys(table)).toEqual(['0x1', '0x2']);
    expect(table.losses.truncatedLines).toBe(0);
  });

  it('may have several, and text behind the tag and before its end', () => {
    const page = `<script class="trace-data" type="application/text">${pageAlloc(1)}\n</script>\n${NOISE}<script class="trace-data">\n${pageAlloc(2)}</script>\n`;
    expect(keys(read('page', page))).toEqual(['0x1', '0x2']);
  });

  it('up to 2013 had a string of JavaScript', () => {
    const lines = [pageAlloc(1), pageAlloc(2)].map((line) => `${line}\\n\\\n`).join('');
    const table = read('page', `${NOISE}  var linuxPerfData = "\\\n# tracer: nop\\n\\\n${lines}   \\n";\n${NOISE}`);
    expect(keys(table)).toEqual(['0x1', '0x2']);
    expect(table.shapes[0].gfp).toBe('GFP_KERNEL');
    expect(table.losses.truncatedLines).toBe(0);
  });

  it('without a trace is refused', () => {
    expect(() => read('page', NOISE)).toThrow('a page of HTML without ftrace text');
  });
});

describe('a log of the kernel', () => {
  const EVENT = 'demo-100       0..... 100000001us : kfree: call_site=fn_a2+0x1/0x2 ptr=ffff888100000040';
  const log = (before: string, ...events: readonly string[]): string =>
    [
      'Oops: general protection fault',
      'Dumping ftrace buffer:',
      '-'.repeat(33),
      ...events,
      '-'.repeat(33),
      'Call Trace:',
    ]
      .map((line) => `${before}${line}\n`)
      .join('');

  // kernel/printk/printk.c: print_time, print_caller; what a serial console and the journal add.
  it.each([
    ['without times', ''],
    ['with times', '[  101.500000] '],
    ['with callers', '[  101.500000][    T1] '],
    ['with a level', '<4>[  101.500000] '],
    ['of the journal', 'Nov 30 12:00:00 host kernel: '],
    ['of the journal with times', 'Nov 30 12:00:00 host kernel: [  101.500000] '],
  ])('%s', (_name, before) => {
    const table = read('log', log(before, `    ${EVENT}`, 'CPU:1 [LOST 3 EVENTS]', `    ${EVENT}`));
    expect(dumpEvents(table)).toMatchObject([
      { comm: 'demo', pid: 100, key: '0xffff888100000040', time: 1000 },
      { comm: 'demo' },
    ]);
    expect(table.losses).toMatchObject({ truncatedLines: 0, droppedEvents: 3 });
  });

  it('with an empty buffer has no events', () => {
    expect(read('log', log('[    1.000000] ', '   (ftrace buffer empty)')).losses.truncatedLines).toBe(0);
  });

  it('without a dump is refused', () => {
    expect(() => read('log', '[    1.000000] Run /sbin/init\n')).toThrow('without a dump of the ftrace buffer');
  });
});
