import { describe, expect, test } from 'vitest';
import { FtraceTextReader } from '../src/formats/ftrace-text/reader.ts';
import { defaultKernelConfig } from '../src/kasan/kernel-config.ts';
import { follow } from '../src/replay/follow/follow.ts';
import { analyzedTable, caseBytes } from './analyzed.testdata.ts';

function tableOf(path: string) {
  const reader = new FtraceTextReader({ name: path });
  reader.push(caseBytes(path));
  return reader.finish();
}

describe('tables can be posted to a worker (the structured clone algorithm of HTML)', () => {
  test.each(['ftrace-text/arm64-stacks.trace', 'ftrace-text/x86-no-stacks.trace'])('events and stacks: %s', (path) => {
    const table = tableOf(path);
    const posted = structuredClone(table);
    expect(posted).toEqual(table);
    expect(analyzedTable(posted, { groupBy: 'stack' })).toEqual(analyzedTable(table, { groupBy: 'stack' }));
  });

  test('lifetimes', () => {
    const { lifetimes } = follow(tableOf('ftrace-text/arm64-stacks.trace'), {
      sizes: defaultKernelConfig(),
      recordedBy: { major: 7, minor: 3 },
      lifetimes: true,
    });
    expect(lifetimes?.length).toBeGreaterThan(0);
    expect(structuredClone(lifetimes)).toEqual(lifetimes);
  });
});
