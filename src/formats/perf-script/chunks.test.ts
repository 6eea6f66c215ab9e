import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import { readBytes } from './reading.testdata.ts';

const folder = new URL('../../../cases/perf-script/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.script'));

describe.each(files)('%s', (name) => {
  const data = new Uint8Array(readFileSync(new URL(name, folder)));
  const whole = readBytes(data);

  it('is read without losses but for the last line', () => {
    expect(whole.length).toBeGreaterThan(20);
    expect(whole.losses).toMatchObject({ droppedEvents: 0, orphanStacks: 0, clockBackwards: 0 });
    expect(whole.losses.truncatedLines).toBeLessThanOrEqual(1);
  });

  it('has a stack of the kernel for every event, or for none', () => {
    // The last one may be cut short.
    const stacks = dumpEvents(whole)
      .slice(0, -1)
      .map(({ stack }) => stack);
    const recorded = /callchains|user-frames/.test(name) && !name.includes('no-');
    expect(stacks.every((stack) => (stack !== undefined) === recorded)).toBe(true);
    // Every event of a task that was running the workload has come in by a system call, an interrupt or a fork.
    const entries = /^(?:entry_SYSCALL_64_after_hwframe|asm_\w+|ret_from_fork_asm)$/;
    expect(stacks.every((stack) => stack === undefined || entries.test(stack.at(-1) ?? ''))).toBe(true);
  });

  it.each([100, 1])('gives the same table in chunks of %i', (chunk) => {
    expect(dumpTable(readBytes(data, chunk))).toEqual(dumpTable(whole));
  });

  it('gives the same table in two chunks cut anywhere', () => {
    const start = data.subarray(0, 3000);
    const expected = dumpTable(readBytes(start));
    for (let cut = 1; cut < start.length; cut += 13) expect(dumpTable(readBytes(start, cut))).toEqual(expected);
  });
});

it('all forms are there', () => {
  expect(files.length).toBeGreaterThanOrEqual(4);
});
