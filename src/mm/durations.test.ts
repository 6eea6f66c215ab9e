import { expect, test } from 'vitest';
import { durations } from './durations.ts';
import { release } from './release.ts';

/** At 2 ns an instruction; what was executed is known to three digits of it. */
const nanoseconds = (instructions: number, stacks: number): number => (2 * instructions) / stacks;
const OLDER = release({ major: 6, minor: 12 });
const NEWER = release({ major: 7, minor: 3 });

const stackTrace = (of: typeof OLDER): number => durations('recorded', of).slabAlloc - durations('none', of).slabAlloc;

test('a stack that KASAN keeps takes what its functions executed (function_instructions of thread 16 × 20)', () => {
  // stack_trace_consume_entry, arch_stack_walk, stack_depot_save_flags, filter_irq_stacks, save_stack_info, kasan_save_stack,
  // stack_trace_save, and in 7.3.4 unwind_find_stack and find_stack.
  const in73 = [2922767, 6035897, 2851073, 1952914, 506901, 204539, 151181, 2310540, 1347379];
  const in612 = [3024385, 4823457, 5231310, 2586184, 737555, 260981, 192899];
  const sum = (of: readonly number[]): number => of.reduce((all, one) => all + one, 0);
  const error = (modelled: number, executed: number): number => Math.abs(modelled / executed - 1);
  expect(error(stackTrace(NEWER), nanoseconds(sum(in73), 8893))).toBeLessThan(0.02);
  expect(error(stackTrace(OLDER), nanoseconds(sum(in612), 11347))).toBeLessThan(0.02);
});

test('giving an object out and taking it back keep one stack each; objects that stay accessible none', () => {
  const { slabAlloc, slabFree, slabFreeTypesafe } = durations('recorded', OLDER);
  expect(slabFree).toBe(slabAlloc);
  expect(slabFreeTypesafe).toBe(durations('none', OLDER).slabFree);
});
