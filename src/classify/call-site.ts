import { ALLOCATOR_FRAMES, TRACING_FRAMES } from './allocator-frames.ts';
import { compileFramePatterns } from './frame-pattern.ts';

const isTracing = compileFramePatterns(TRACING_FRAMES);
const isAllocator = compileFramePatterns(ALLOCATOR_FRAMES);

/**
 * The index of the frame that asked for (or released) the memory: the first one outside tracing and the allocator's
 * own code. -1 when there is none. `frames` are normalised, innermost first.
 */
export const callSiteFrame = (frames: readonly string[]): number =>
  frames.findIndex((frame) => !isTracing(frame) && !isAllocator(frame));

/**
 * A stack as a person wants to read it: without the tracing code that recorded it, and with the wrappers of a system
 * call, which share one name, said once.
 */
export const readableStack = (frames: readonly string[]): readonly string[] =>
  frames.filter((frame, index) => !isTracing(frame) && frame !== frames[index - 1]);
