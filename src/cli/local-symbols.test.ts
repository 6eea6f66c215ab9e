import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UNKNOWN_RECORDING } from '../trace/recording.ts';
import { isRunningKernel, localSymbols } from './local-symbols.ts';

const folder = mkdtempSync(join(tmpdir(), 'tagscope-kallsyms-'));
afterAll(() => rmSync(folder, { recursive: true }));

const kallsyms = (name: string, address: string): string => {
  const path = join(folder, name);
  const next = /^0+$/.test(address) ? address : `${address.slice(0, -3)}100`;
  writeFileSync(path, `${address} T _text\n${next} T copy_process\n`);
  return path;
};
const SHOWN = kallsyms('shown', 'ffffffff9a000000');
const HIDDEN = kallsyms('hidden', '0000000000000000');
const trace = (release: string, address = 0xffff_ffff_9a00_0000n) => ({
  recording: { ...UNKNOWN_RECORDING, kernelRelease: release },
  reference: { symbol: '_text', address },
});

describe('the symbols of the running kernel', () => {
  const here = { kallsyms: SHOWN, release: '6.18.1' };

  test('are those of a trace of its release that lay where it lies', async () => {
    expect((await localSymbols(trace('6.18.1'), here))?.functionAt(-1, 0x9a000100 | 0)).toBe('copy_process');
    expect(isRunningKernel('6.18.1', here)).toBe(true);
  });

  test('are not those of another release, nor of another boot (KASLR), nor where nobody may see them', async () => {
    expect(await localSymbols(trace('6.18.2'), here)).toBeUndefined();
    expect(await localSymbols(trace('6.18.1', 0xffff_ffff_8100_0000n), here)).toBeUndefined();
    expect(await localSymbols(trace('6.18.1'), { ...here, kallsyms: HIDDEN })).toBeUndefined();
    expect(await localSymbols(trace('6.18.1'), { ...here, kallsyms: join(folder, 'none') })).toBeUndefined();
    expect(isRunningKernel('6.18.2', here)).toBe(false);
    expect(isRunningKernel('6.18.1', { ...here, kallsyms: HIDDEN })).toBe(false);
  });
});
