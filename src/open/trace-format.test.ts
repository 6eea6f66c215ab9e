import { expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { recogniseFormat } from './trace-format.ts';

const formatOf = (text: string): string => recogniseFormat(Buffer.from(text, 'latin1'), 'file').name;

test.each([
  ['a clock snapshot and an empty packet', '\x0a\x07\x32\x02\x10\x06\x50\x01\x00\x0a\x00', false],
  ['a packet with a sequence', '\x0a\x04\x18\x00\x50\x01', true],
  ['a packet that goes on behind the head', `\x0a\x85\x01\x08\x01\x10\x00\x0a\x7f${'a'.repeat(80)}`, true],
  ['a packet whose fields are none', '\x0a\x04\x07\x00\x50\x01', false],
  ['text with an empty line before it', '\n# tracer: nop\n#\n# entries-in-buffer/entries-written: 1/1   #P:1\n', false],
])('Perfetto: %s', (_, text, expected) => {
  let name: string;
  try {
    name = formatOf(text);
  } catch {
    name = 'refused';
  }
  expect(name === 'Perfetto').toBe(expected);
});

test.each([
  ['a tracefs header', '# tracer: nop\n#\n'],
  ['tracefs', '           bench-404     [000] .....     0.960520: mm_page_alloc: page=0 pfn=0x1\n'],
  ['tracefs with tgid', '    bash-1976    (   1976) [002] d..3.    12.345678: kfree: call_site=x\n'],
  ['a command with blanks', '  Web Content-12  [001] .....  3.1: kmalloc: call_site=x\n'],
  ['trace-cmd report', 'cpus=2\n             gcc-20107 [000]3671490839502: kmem_cache_alloc: (x) call_site=x\n'],
  ['trace-cmd report with lost events', 'CPU:0 [LOST 12 EVENTS]\n'],
  ['trace-cmd report -l', '    demo-100     0.....   100.000001: kmalloc: call_site=x\n'],
  ['the latency format', '    demo-100       0d.h1. 35275us!: kmalloc: call_site=x\n'],
  ['trace-cmd report --ts-diff', '  gcc-20107 [000]  3671.490839: (+12) kmem_cache_alloc: x\n'],
  ['nanoseconds right behind the flags', '  demo-100   [000] .....2962372940646: kmalloc: x\n'],
  ['events without their context', 'kmalloc: call_site=a+0x1/0x2 ptr=0000000012345678\n'],
  ['trace-cmd report, one line', '  gcc-20107 [000]  3671.490839: kmem_cache_alloc: (x) call_site=x\n'],
])('%s is ftrace text', (_, text) => {
  expect(formatOf(text)).toBe('ftrace text');
});

test.each(['PERFILE2\x68\0\0\0', '2ELIFREP\0\0\0\0'])('a perf.data is told by its first bytes (%j)', (text) => {
  expect(formatOf(text)).toBe('perf.data');
});

test('a trace.dat is told by its first bytes (trace-cmd.dat.v7(5))', () => {
  expect(formatOf('\x17\x08\x44tracing7\0')).toBe('trace.dat');
});

test.each([
  ['the default', 'bench   404 [000]     0.960520: kmem:mm_page_alloc: page=0x1\n'],
  ['a header', '# ========\n# captured on    : Wed\nbench   404 [000]     0.960520: kmem:mm_page_alloc: page=0x1\n'],
  ['pid, tid and period', 'bench   404/405 [000]     0.960520:          1 kmem:kfree: x\n'],
  ['no CPU', '       perf-exec  4738   313.576274:           kmem:kmem_cache_free: call_site=x\n'],
  ['-L', '    demo   100   0   100.000001: kmem:kmalloc: call_site=x\n'],
  ['no command', '   4738   313.576274:           kmem:kmem_cache_free: call_site=x\n'],
])('what perf script prints, with %s', (_, text) => {
  expect(formatOf(text)).toBe('perf script text');
});

test.each([
  ['PK\x03\x04aaaa', 'zip', 'Decompress the archive first'],
  ['\xfd7zXZ\0aaaa', 'xz', 'xz -dc file'],
  ['hello\nworld\n', 'not a trace; it begins with "hello"', 'trace-cmd record'],
  ['\n\n\n', 'not a trace', 'trace-cmd record'],
  // Each would take minutes by a pattern that spans lines.
  ['\n'.repeat(65_536), 'not a trace', 'trace-cmd record'],
  [`a-1${' '.repeat(65_000)}`, 'not a trace', 'trace-cmd record'],
  ['capturing trace... done\nTRACE:\nx\x9c\x01\x02', 'atrace -z', 'without -z'],
])('%j is refused with advice', (text, found, advice) => {
  try {
    formatOf(text);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.found).toContain(found);
    expect(error.advice).toContain(advice);
  }
});
