import { expect, test } from 'vitest';
import { formOf } from './other-forms.ts';
import { line } from './reading.testdata.ts';

// Documentation/trace/ftrace.rst, "trace_options"; kernel/trace/trace_output.c.
test.each([
  ['verbose', '            bash     404   0 0 00000000 00000001 [000000fd] 253.001ms (+0.001ms): kfree: x'],
  ['context-info', 'kmalloc: call_site=a+0x1/0x2 ptr=0000000012345678 bytes_req=60 bytes_alloc=64'],
  ['raw', '404 0 253001000 Unknown type 312'],
  ['hex', '00000194 00 0000000f14a5c8 38 01'],
  ['bin', '\u0001\u0000\u0002\u0000\u0003'],
  ['function_graph', ' 0)   0.123 us    |  copy_process();'],
])('a line that was printed with %s is told', (name, text) => {
  expect(formOf(text)?.printed).toContain(name);
});

test('nothing is said of an event', () => {
  expect(formOf(line('kfree: call_site=a ptr=1'))).toBeUndefined();
});
