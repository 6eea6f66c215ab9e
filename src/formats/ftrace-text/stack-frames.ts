import { functionOf } from './shape.ts';

/** More frames than the kernel records (FTRACE_KSTACK_ENTRIES and its nesting levels); the rest of a stack is cut. */
const MAX_FRAMES = 512;

/**
 * The functions of a stack trace, innermost first, from its lines as tracefs (` => name`) or trace-cmd report
 * (`=> name (address)`) prints them.
 */
export function decodeFrames(text: string): string[] {
  const frames: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*=>\s*([^\s(<]+)/.exec(line);
    if (match !== null && frames.length < MAX_FRAMES) frames.push(functionOf(match[1]));
  }
  return frames;
}
