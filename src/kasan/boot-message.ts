import { assertUnreachable } from '../base/assert.ts';
import type { KernelConfig } from './kernel-config.ts';

const onOff = (value: boolean): string => (value ? 'on' : 'off');

/** What KASAN prints when it is initialised (mm/kasan/{hw_tags,sw_tags,generic}.c, 7.3); undefined with kasan=off. */
export function bootMessage({ kasan, build, vmalloc, detection }: KernelConfig): string | undefined {
  if (!kasan) return undefined;
  const { mode, stacktrace, writeOnly } = detection;
  const initialized = 'kasan: KernelAddressSanitizer initialized';
  switch (build) {
    case 'hw-tags':
      return `${initialized} (hw-tags, mode=${mode}, vmalloc=${onOff(vmalloc)}, stacktrace=${onOff(stacktrace)}, write_only=${onOff(writeOnly)})`;
    case 'sw-tags':
      return `${initialized} (sw-tags, stacktrace=${onOff(stacktrace)})`;
    case 'generic':
      return `${initialized} (generic)`;
    default:
      return assertUnreachable(build);
  }
}
