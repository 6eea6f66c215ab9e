import { describe, expect, test } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { CPU_PROFILES, cpuProfile, DEFAULT_CPU, withDcBlock } from './cpu.ts';

describe('CPU profiles', () => {
  test.each(['cortex-a510', 'cortex-a710', 'cortex-a715', 'cortex-x3', 'neoverse-n2', 'neoverse-v2', 'max'])(
    '%s has DC blocks of 64 bytes and allows DC GVA (the TRMs; measured: QEMU 10.0.2 in system mode)',
    (name) => {
      expect(cpuProfile(name)).toMatchObject({ name, dcBlock: 64, dzp: false });
    },
  );

  test('only max zeroes with FEAT_MOPS instead of DC ZVA (measured: oracle note 1)', () => {
    expect(CPU_PROFILES.filter((cpu) => cpu.mops).map((cpu) => cpu.name)).toEqual(['max']);
  });

  test('the default is one of them, and each says where its figures are from', () => {
    expect(cpuProfile(DEFAULT_CPU).name).toBe(DEFAULT_CPU);
    for (const cpu of CPU_PROFILES) expect(cpu.source).not.toBe('');
  });

  test('an unknown CPU is a usage error that names the known ones', () => {
    const error = thrownBy(() => cpuProfile('pentium'));
    expect(error.message).toContain('"pentium"');
    expect(error.advice).toContain('cortex-a710');
    expect(error.advice).toContain('--dc-block');
  });
});

describe('--dc-block', () => {
  const a710 = cpuProfile('cortex-a710');

  test.each([16, 32, 64, 128, 256, 512, 1024, 2048])('%i bytes: DCZID_EL0.BS from 2 to 9', (size) => {
    expect(withDcBlock(a710, String(size))).toMatchObject({ dcBlock: size, dzp: false });
  });

  test('the block that the CPU has anyway changes nothing, not even the name', () => {
    expect(withDcBlock(a710, '64')).toEqual(a710);
  });

  test('another block shows in the name, so that no result passes for that of the real CPU', () => {
    expect(withDcBlock(a710, '512').name).toMatch(/cortex-a710.*512/);
    expect(withDcBlock(a710, 'dzp').name).toMatch(/cortex-a710.*DZP/);
  });

  test('dzp prohibits the block operations', () => {
    expect(withDcBlock(a710, 'dzp').dzp).toBe(true);
  });

  test.each(['0', '8', '48', '4096', '-64', '64.5', '64k', '', 'none', 'NaN', 'Infinity'])(
    '"%s" is not a block size',
    (text) => {
      const error = thrownBy(() => withDcBlock(a710, text));
      expect(error.message).toContain(`--dc-block ${text}`);
      expect(error.advice).toContain('power of two');
    },
  );
});

function thrownBy(run: () => unknown): UsageError {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
