import { describe, expect, test } from 'vitest';
import { free, record, text, version6, version7, type DatFile } from './building.testdata.ts';
import { readDat } from './reading.testdata.ts';

// Numbers of options: include/private/trace-cmd-private.h of trace-cmd; what is in them: tracecmd/trace-record.c.
const file = (...options: readonly (readonly [number, string])[]): DatFile => ({
  buffers: [{ name: '', cpus: [[{ stamp: 1n, records: [record(1, free(1))] }]] }],
  options: options.map(([id, content]) => [id, text(`${content}\0`)]),
});

describe.each([
  ['version 6', version6],
  ['version 7', version7],
])('what a file of %s says of its recording', (_, made) => {
  test('the machine, the clock and trace-cmd', () => {
    const { recording } = readDat(
      made(
        file(
          [5, 'Linux some-host 7.3.4-arm64 aarch64'],
          [4, 'local global counter uptime perf mono mono_raw [boot] tai'],
          [9, '3.1.6 (not-a-git-repo)'],
        ),
      ),
    );
    expect(recording).toEqual({
      timeUnit: 'nanoseconds',
      warnings: [],
      unnamedStacks: 0,
      stackEntries: 0,
      kernelRelease: '7.3.4-arm64',
      architecture: 'aarch64',
      pageSize: 4096,
      clock: 'boot',
      recorder: 'trace-cmd 3.1.6',
      notes: [],
    });
  });

  test('nothing that its options do not say', () => {
    expect(readDat(made(file([5, 'Linux'], [4, '']))).recording).toMatchObject({
      kernelRelease: '',
      architecture: '',
      recorder: 'trace-cmd',
    });
  });
});
