import { describe, expect, test } from 'vitest';
import { textOfLogLine } from './report/log-line.ts';
import { realLog } from '../../test/real-logs.testdata.ts';
import { bootMessage } from './boot-message.ts';
import { parseBootParameters } from './boot-parameters.ts';
import { defaultKernelConfig } from './kernel-config.ts';

const messageOf = (commandLine: string): string | undefined =>
  bootMessage(parseBootParameters(commandLine, defaultKernelConfig()).config);

describe('the message at boot', () => {
  test.each(['patched-sync-max', 'patched-async-max'] as const)('%s: what that kernel printed', (name) => {
    const lines = realLog(name).map(textOfLogLine);
    const commandLine = lines.find((line) => line.startsWith('Kernel command line: '))?.slice(21) ?? '';
    expect(lines).toContain(messageOf(commandLine));
  });

  test('the other modes (checks_and_reports.md section 6)', () => {
    expect(messageOf('kasan.mode=asymm kasan.vmalloc=off kasan.stacktrace=off kasan.write_only=on')).toBe(
      'kasan: KernelAddressSanitizer initialized (hw-tags, mode=asymm, vmalloc=off, stacktrace=off, write_only=on)',
    );
    expect(bootMessage({ ...defaultKernelConfig(), build: 'sw-tags' })).toBe(
      'kasan: KernelAddressSanitizer initialized (sw-tags, stacktrace=on)',
    );
    expect(bootMessage({ ...defaultKernelConfig(), build: 'generic' })).toBe(
      'kasan: KernelAddressSanitizer initialized (generic)',
    );
    expect(messageOf('kasan=off')).toBeUndefined();
  });
});
