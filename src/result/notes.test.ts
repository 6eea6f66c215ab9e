import { expect, test } from 'vitest';
import { NO_INSTRUCTIONS } from '../mte/instruction.testdata.ts';
import { recordedBehaviours } from './notes.ts';
import type { SiteWork, Work } from './result.ts';

/** An object of a call site, allocated and freed `allocations` times, with so many STG. */
const objects = (site: string, size: number, allocations: number, stg: number): SiteWork => ({
  site,
  class: 'slab-object',
  allocations,
  frees: allocations,
  bytes: size * allocations,
  granules: { alloc: 0, free: 0 },
  instructions: { ...NO_INSTRUCTIONS, stg },
  time: null,
});
const totals = (stg: number): Work => objects('', 0, 0, stg);

// fs/namei.c:getname_flags through 6.18: __getname() of PATH_MAX; seen in real traces of 6.18 (4096 bytes) and 7.2 (192).
test('names of files in objects of 4 KiB are work that newer kernels do not have', () => {
  const [note, ...others] = recordedBehaviours([objects('getname_flags', 4096, 10, 90)], totals(100));
  expect(others).toEqual([]);
  expect(note).toMatchObject({ id: 'names-of-4-kib', tagInstructions: 90, share: 0.9 });
  expect(note.text).toContain('Linux 7.2 takes 192 bytes');
});

test.each([
  ['objects of 192 bytes, as 7.2 has', objects('do_getname', 192, 10, 90), 100],
  ['other objects of 4 KiB', objects('seq_read_iter', 4096, 10, 90), 100],
  ['what is less than a hundredth', objects('getname_flags', 4096, 10, 9), 1000],
  ['what costs nothing', objects('getname_flags', 4096, 10, 0), 0],
])('nothing is said of %s', (_what, site, all) => {
  expect(recordedBehaviours([site], totals(all))).toEqual([]);
});
