import { describe, expect, test } from 'vitest';
import { longestLine, tagscope, unwrapped } from './command.testdata.ts';

describe('conform', () => {
  test('prints KTAP, and ends as the suite does', async () => {
    const { code, stdout, stderr } = await tagscope(['conform', '--seed', '2']);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^KTAP version 1\n/);
    expect(stdout).toContain('    ok 16 kmalloc_oob_16 # SKIP Test requires CONFIG_KASAN_GENERIC=y\n');
    expect(stdout).toContain('    not ok 68 vmalloc_oob\n');
    expect(stdout).toMatch(/\n# Totals: pass:\d+ fail:\d+ skip:15 total:76\nnot ok 1 kasan\n$/);
  });

  test('--json is versioned and has the reports as text', async () => {
    const { stdout } = await tagscope(['conform', '--kasan', 'generic', '--json']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ schema: 'tagscope.conform', version: 1, kasan: 'generic' });
    expect(result.cases.length).toBe(76);
    expect(result.cases[0].reports[0].text[1]).toBe('BUG: KASAN: slab-out-of-bounds in kmalloc_oob_right');
  });

  test('--against a log of a kernel: each case and report is one of the model', async () => {
    const log = 'cases/kasan-reports/patched-async-max.log.zst';
    const { code, stdout } = await tagscope(['conform', '--against', log, '--seeds', '30'], { env: { LC_ALL: 'C' } });
    expect(code).toBe(0);
    expect(unwrapped(stdout)).toContain('76 of 76 cases go as they may on the model, and 155 of 155 reports');
    expect(longestLine(stdout)).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

describe('audit', () => {
  test('from before-series to series nothing is lost where the kernel goes, and the exit code says so', async () => {
    const args = ['audit', '--class', 'page-table', '--trials', '100'];
    const { code, stdout } = await tagscope(args, { env: { LC_ALL: 'C' } });
    expect(code).toBe(0);
    expect(unwrapped(stdout)).toContain('nothing is detected less often');
    expect(stdout).toContain('page table, by page_address');
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test('a policy that loses something fails, and names it', async () => {
    const args = ['audit', '--from', 'series', '--to', 'none', '--class', 'pipe', '--trials', '100', '--json'];
    const { code, stdout } = await tagscope(args);
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ schema: 'tagscope.audit-diff', version: 1, from: 'series', to: 'none' });
    expect(result.lost).toBeGreaterThan(10);
  });
});

describe('what cannot be run is refused, with what to do', () => {
  test.each([
    ['conform --mode fast', '--mode fast', 'sync, async, asymm'],
    ['conform --kasan sw-tags --mode async', '--mode with --kasan sw-tags', 'Only hw-tags'],
    ['conform --cmdline kasan=off', 'kasan=off', 'Leave it out'],
    ['conform --seeds 0', '--seeds 0', 'from 1 to'],
    ['conform --against cases/kasan-reports/README.md', 'no results of the KASAN tests', 'console log'],
    ['audit --trials many', '--trials many', 'whole number'],
    ['audit --class slab', '--class slab', 'slab-object'],
    ['audit --policy series --to none', '--policy with --from or --to', '--from and --to'],
    ['audit --policy sries', '"sries"', 'before-series'],
  ])('%s', async (line, found, advice) => {
    const { code, stdout, stderr } = await tagscope(line.split(' '));
    expect([code, stdout]).toEqual([2, '']);
    expect(unwrapped(stderr)).toContain(found);
    expect(unwrapped(stderr)).toContain(advice);
  });
});
