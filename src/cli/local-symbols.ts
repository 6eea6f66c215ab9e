import { closeSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { KernelSymbols } from '../formats/symbols/kallsyms.ts';
import type { EventTable } from '../trace/event-table.ts';

/** The kernel that runs here. */
export interface RunningKernel {
  /** Path of its list of symbols. */
  readonly kallsyms: string;
  /** `uname -r`. */
  readonly release: string;
}

const HERE: RunningKernel = { kallsyms: '/proc/kallsyms', release: release() };

/** Whether a kernel of that release runs here, and shows its addresses to who asks (kptr_restrict): else all are 0. */
export function isRunningKernel(kernelRelease: string, { kallsyms, release: running }: RunningKernel = HERE): boolean {
  if (kernelRelease !== running) return false;
  try {
    const descriptor = openSync(kallsyms, 'r');
    try {
      const head = Buffer.alloc(4096);
      const text = head.toString('latin1', 0, readSync(descriptor, head, 0, head.length, 0));
      return /^(?!0+ )[0-9a-f]{8,16} /m.test(text);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

/**
 * The symbols of the running kernel, if it is the one that recorded a trace, and was not started anew since: it has the same
 * release, and lies where the trace says that it lay.
 */
export async function localSymbols(
  { reference, recording }: Pick<EventTable, 'reference' | 'recording'>,
  { kallsyms, release: running }: RunningKernel = HERE,
): Promise<KernelSymbols | undefined> {
  if (reference === undefined || recording.kernelRelease !== running) return undefined;
  const text = await readFile(kallsyms).catch(() => undefined);
  if (text === undefined) return undefined;
  const symbols = new KernelSymbols(text);
  const at = symbols.addressOf(reference.symbol);
  if (at === undefined) return undefined;
  const [hi, lo] = at;
  const address = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  return address === reference.address ? symbols : undefined;
}
