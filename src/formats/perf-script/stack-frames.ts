import { functionOf } from '../text/shape.ts';

/** More frames than the kernel records (PERF_MAX_STACK_DEPTH is 127 and may be raised); the rest of a stack is cut. */
const MAX_FRAMES = 512;

/** `ffffffff816365b7 kmem_cache_alloc_noprof+0x227 ([kernel.kallsyms])`: symbol, offset and file may be missing. */
const FRAME = /^\s*([0-9a-f]{1,16})(?:\s+(\S+)|\s*$)/;
/** Kernel addresses have the highest bit set; what has not is user space. */
const KERNEL_ADDRESS = /^[89a-f][0-9a-f]{15}$/;

/** `[unknown]`, or the file where there is no symbol; nothing, if symbols were not printed. */
const NO_NAME = /^(?:[[(]|$)/;

/**
 * The kernel's functions of a callchain, innermost first, from its lines as perf script prints them. Frames of user space,
 * which the kernel's end with, are left out; those without a name too, or kept as addresses, see `ReaderOptions`.
 * Undefined if none is left.
 */
export function decodeFrames(text: string, keepAddresses = false): string[] | undefined {
  const frames: string[] = [];
  for (const line of text.split('\n')) {
    const match = FRAME.exec(line);
    if (match === null || !KERNEL_ADDRESS.test(match[1]) || frames.length === MAX_FRAMES) continue;
    const [, address, name = ''] = match;
    if (!NO_NAME.test(name)) frames.push(functionOf(name));
    else if (keepAddresses) frames.push(`0x${address}`);
  }
  return frames.length > 0 ? frames : undefined;
}
