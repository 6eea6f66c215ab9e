import { functionOf } from '../text/shape.ts';

/** More frames than the kernel records (FTRACE_KSTACK_ENTRIES and its nesting levels); the rest of a stack is cut. */
const MAX_FRAMES = 512;

/** What perf writes for a frame without a name. */
const UNKNOWN = '[unknown]';
/** A frame that was not resolved to a function: an address, or what perf writes for one. It tells nothing. */
const UNRESOLVED = /^(?:\[unknown\]|(?:0x)?[0-9a-f]{8,16})$/i;

/**
 * The functions of a stack trace, innermost first, from its lines as tracefs (` => name`) or trace-cmd report
 * (`=> name (address)`) prints them. Frames without a name are left out, or kept as addresses; see `ReaderOptions`.
 */
export function decodeFrames(text: string, keepAddresses = false): string[] {
  const frames: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*=>\s*([^\s(<]+)/.exec(line);
    if (match === null || (UNRESOLVED.test(match[1]) && !(keepAddresses && match[1] !== UNKNOWN))) continue;
    if (frames.length < MAX_FRAMES) frames.push(functionOf(match[1]));
  }
  return frames;
}
