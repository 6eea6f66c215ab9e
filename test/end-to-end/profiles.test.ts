import { describe, expect, test } from 'vitest';
import { longestLine, tagscope, unwrapped } from './command.testdata.ts';

const TRACE = 'cases/pgtable/trace.zst';
const CALIBRATION = 'cases/calibration/qemu-user.json';

/** A result without what depends on the profile: times, what is said and warned of it, and the command that names it. */
const withoutTime = (json: string): unknown =>
  JSON.parse(json, (key, value: unknown) =>
    ['time', 'cost', 'command', 'warnings'].includes(key) ? undefined : value,
  );

describe('a cost profile', () => {
  test.each(['issue-only', 'issue-c1-nano', CALIBRATION])('%s changes nothing but times', async (profile) => {
    const usual = await tagscope(['diff', TRACE, '--json']);
    const other = await tagscope(['diff', TRACE, '--json', '--profile', profile]);
    expect([usual.code, other.code]).toEqual([0, 0]);
    expect(withoutTime(other.stdout)).toEqual(withoutTime(usual.stdout));
    expect(other.stdout).not.toBe(usual.stdout);
  });

  test('is named in the command that gives the result again', async () => {
    const { stdout } = await tagscope(['report', TRACE, '--profile', 'issue-neoverse-v2']);
    expect(unwrapped(stdout)).toContain(`Command tagscope report ${TRACE} --profile issue-neoverse-v2`);
    expect(unwrapped(stdout)).toContain('Time of the tags, modelled by the profile issue-neoverse-v2');
  });

  test('a name that is none, and what there is', async () => {
    const { code, stderr } = await tagscope(['report', TRACE, '--profile', 'pixel-8']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/unknown profile "pixel-8"/);
    expect(unwrapped(stderr)).toContain('issue-neoverse-n2');
  });

  test('issue-only for a CPU whose issue rates nobody published', async () => {
    const { code, stderr } = await tagscope(['report', TRACE, '--cpu', 'cortex-a715', '--profile', 'issue-only']);
    expect([code, unwrapped(stderr)]).toEqual([
      2,
      expect.stringContaining('no scheduling model is known for cortex-a715'),
    ]);
  });

  test('a file that is no calibration: file, field, found, expected', async () => {
    const { code, stderr } = await tagscope(['report', TRACE, '--profile', './package.json']);
    expect(code).toBe(3);
    expect(unwrapped(stderr)).toContain('calibration ./package.json, line 2, column 3, name');
  });
});

describe('profiles', () => {
  test('lists those that can be named', async () => {
    const { code, stdout } = await tagscope(['profiles']);
    expect(code).toBe(0);
    for (const name of ['series-2026', 'issue-neoverse-n2', 'issue-c1-nano', 'issue-ampere1b'])
      expect(stdout).toContain(name);
    expect(longestLine(stdout)).toBeLessThanOrEqual(80);
  });

  test('of one: its numbers, each with its source, and the readings', async () => {
    const { stdout } = await tagscope(['profiles', 'series-2026']);
    // 1.46 s over 2,000 forks of 1,035 tables of 64 lines, less what the instructions take: see the hand calculations.
    expect(stdout).toMatch(/10\.435\s+5\.143\s+10\.635\s+ns\/line\s+fitted/);
    expect(unwrapped(stdout)).toContain('everything is far');
  });

  test('as data: every figure has a provenance, and every profile its readings', async () => {
    const { stdout } = await tagscope(['profiles', '--json']);
    const { schema, profiles } = JSON.parse(stdout);
    expect(schema).toBe('tagscope.profiles');
    for (const { figures, readings } of profiles) {
      expect(readings.length).toBeGreaterThan(1);
      for (const { source, provenance } of figures) expect([source, provenance]).not.toContain('');
    }
  });
});

describe('calibrate', () => {
  test('writes the program, says what to do with it, and does not overwrite', async () => {
    const program = await tagscope(['calibrate', '--write-program', '-']);
    expect(program.code).toBe(0);
    expect(program.stdout).toContain('int main(');
    const refused = await tagscope(['calibrate', '--write-program', 'package.json']);
    expect([refused.code, unwrapped(refused.stderr)]).toEqual([2, expect.stringContaining('the file exists')]);
  });

  test.skipIf(process.arch === 'arm64')(
    'on a machine without arm64 memory tagging: says how to measure another',
    async () => {
      const { code, stdout, stderr } = await tagscope(['calibrate']);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('cc -O2 -o mte-calibrate mte-calibrate.c');
      expect(stderr).toContain('--profile machine.json');
    },
  );
});
