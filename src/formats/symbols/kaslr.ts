import { EVENT_TYPES } from '../../trace/event-type.ts';
import type { KernelSymbols } from './kallsyms.ts';

/**
 * Kernels are moved by multiples of this: 2 MiB on x86 (CONFIG_PHYSICAL_ALIGN) and on arm64, where the firmware may ask
 * for 64 KiB (EFI_KIMG_ALIGN).
 */
const ALIGNMENT = 1n << 16n;
/** Addresses that must agree before they are believed, and the share of all that may do. */
const MIN_AGREEING = 2;
const MIN_SHARE = 0.6;

/** An address, and the functions of which it lies in one. */
export interface KnownPlace {
  readonly address: bigint;
  readonly functions: readonly string[];
}

/** Where stacks end: what user space, interrupts and new threads enter the kernel by (entry_64.S, entry.S). */
export const ENTRY_FUNCTIONS: readonly string[] = [
  'entry_SYSCALL_64_after_hwframe',
  'entry_SYSCALL_64',
  'ret_from_fork_asm',
  'ret_from_fork',
  'asm_exc_page_fault',
  'asm_sysvec_apic_timer_interrupt',
  'asm_common_interrupt',
  'el0t_64_sync',
  'el0_sync',
  'el1h_64_irq',
  'el1_irq',
];

/** Where stacks begin: the functions that the kernel makes for each tracepoint (include/linux/tracepoint.h). */
export const tracepointFunctions = (event: string): readonly string[] => [
  `__traceiter_${event}`,
  `trace_event_raw_event_${event}`,
];

/** Who allocates from a cache that has one user. */
export const CACHE_USERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['task_struct', ['copy_process', 'dup_task_struct']],
  ['files_cache', ['dup_fd']],
  ['filp', ['alloc_empty_file', '__alloc_file']],
  ['pid', ['alloc_pid']],
  ['cred_jar', ['prepare_creds']],
  ['mm_struct', ['mm_alloc', 'dup_mm', 'copy_process']],
  ['signal_cache', ['copy_process', 'copy_signal']],
  ['sighand_cache', ['copy_process', 'copy_sighand']],
  ['dentry', ['__d_alloc']],
]);

/** All functions that the above name. */
const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set([
  ...ENTRY_FUNCTIONS,
  ...EVENT_TYPES.flatMap(tracepointFunctions),
  ...[...CACHE_USERS.values()].flat(),
]);

/**
 * By how much a kernel was moved from where its symbols say it is, from addresses whose functions are known: the distance
 * that most of them agree on.
 *
 * @returns undefined if too few agree: the symbols are of another kernel
 */
export function kaslrOffset(symbols: KernelSymbols, places: readonly KnownPlace[]): bigint | undefined {
  const listed = symbols.find(KNOWN_FUNCTIONS);
  const known = places.filter(({ functions }) => functions.some((name) => listed.has(name)));
  const votes = new Map<bigint, Set<bigint>>();
  for (const { address, functions } of known) {
    for (const name of functions) {
      for (const { start, size } of listed.get(name) ?? []) {
        const distance = BigInt.asUintN(64, address - start);
        // What is left of the distance is how far into the function the address lies.
        if (distance % ALIGNMENT >= size) continue;
        const offset = distance - (distance % ALIGNMENT);
        const agreeing = votes.get(offset) ?? new Set();
        votes.set(offset, agreeing.add(address));
      }
    }
  }
  const addresses = new Set(known.map(({ address }) => address)).size;
  let best: bigint | undefined;
  let agreeing = 0;
  for (const [offset, { size }] of votes) {
    if (size > agreeing) {
      best = offset;
      agreeing = size;
    }
  }
  return agreeing >= MIN_AGREEING && agreeing >= MIN_SHARE * addresses ? best : undefined;
}
