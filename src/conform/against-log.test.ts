import { describe, expect, test } from 'vitest';
import { HARDWARE } from '../kasan/report/logs.testdata.ts';
import { readSuiteLog } from './against-log.ts';

describe('results of the KASAN tests in a log', () => {
  test.each([
    ['KTAP 1, since Linux 6.3', ['    ok 1 kmalloc_oob_right', '    not ok 2 kmalloc_oob_left']],
    ['with a dash, before', ['    ok 1 - kmalloc_oob_right', '    not ok 2 - kmalloc_oob_left']],
    ['indented by a tab (5.5 to 5.8)', ['\tok 1 - kmalloc_oob_right', '\tnot ok 2 - kmalloc_oob_left']],
    [
      'dmesg -x',
      [
        'kern  :info  : [  359.982162]     ok 1 kmalloc_oob_right',
        'kern  :info  : [  359.992162]     not ok 2 kmalloc_oob_left',
      ],
    ],
    [
      'a system log',
      [
        'Nov 30 10:11:12 host kernel:     ok 1 kmalloc_oob_right',
        'Nov 30 10:11:12 host kernel:     not ok 2 kmalloc_oob_left',
      ],
    ],
  ])('%s', (_what, lines) => {
    const { cases } = readSuiteLog(['KTAP version 1', '1..1', ...lines, 'not ok 1 - kasan']);
    expect(cases.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['kmalloc_oob_right', 'pass'],
      ['kmalloc_oob_left', 'fail'],
    ]);
  });

  test('a case that was skipped, in both forms', () => {
    const lines = ['    ok 1 - page_alloc_uaf # SKIP Test requires x', '    ok 2 vmalloc_oob # SKIP Test requires y'];
    expect(readSuiteLog(lines).cases.map(({ outcome }) => outcome)).toEqual(['skip', 'skip']);
  });

  test('reports belong to the case whose result follows them', () => {
    const { cases } = readSuiteLog([...HARDWARE, '    ok 1 - a_case', '    ok 2 - other']);
    expect(cases.map(({ reports }) => reports.length)).toEqual([1, 0]);
  });
});
