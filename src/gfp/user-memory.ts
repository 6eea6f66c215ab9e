import { GFP_HARDWALL, GFP_HIGHMEM, GFP_MOVABLE, GFP_SKIP_KASAN, gfpHasAll, gfpUnion } from './flags.ts';
import type { Gfp } from './flags.ts';

const USER_MOVABLE = gfpUnion(GFP_HIGHMEM, GFP_MOVABLE, GFP_HARDWALL);

/**
 * The mask that a HW_TAGS kernel (6.0+) would have had, from the mask of a kernel where `__GFP_SKIP_KASAN` is 0.
 *
 * There the bit that keeps user pages untagged (include/linux/gfp_types.h: part of GFP_HIGHUSER_MOVABLE, and through it
 * of GFP_TRANSHUGE and GFP_TRANSHUGE_LIGHT) is missing from the recording, and user memory, usually most of a workload,
 * would be counted as tagged. What is left of GFP_HIGHUSER_MOVABLE is HIGHMEM, MOVABLE and HARDWALL together; callers
 * clear FS and IO (mapping masks, NOFS and NOIO scopes) and the reclaim bits (THP) but hardly ever these three. Hence:
 *
 * - all three set: SKIP_KASAN is added;
 * - GFP_HIGHUSER (pipe buffers), GFP_USER and HIGHMEM|MOVABLE without HARDWALL (zsmalloc) have no such bit on a HW_TAGS
 *   kernel either, and stay as they are.
 *
 * Limits, each for want of information in the mask:
 *
 * - with cpusets enabled the event shows HARDWALL on every request, so zsmalloc pages get the bit wrongly;
 * - migration targets for memory offlining and contiguous ranges are asked for with GFP_USER|MOVABLE and perhaps
 *   HIGHMEM, put together without the bit (mm/memory_hotplug.c, mm/page_alloc.c), and get it wrongly;
 * - a long-term pin in progress clears MOVABLE (current_gfp_context, include/linux/sched/mm.h), and some drivers do the
 *   same to GFP_TRANSHUGE_LIGHT: those keep the bit on a HW_TAGS kernel but are not recognised here;
 * - SKIP_KASAN that kernel code asks for by itself (stacks, page tables, vmalloc) cannot be told from the mask.
 *
 * Idempotent. For a HW_TAGS recording of 6.0 or newer it is not needed, and must not be used: the bit is recorded.
 */
export function restoreUserSkip(flags: Gfp): Gfp {
  return gfpHasAll(flags, USER_MOVABLE) ? gfpUnion(flags, GFP_SKIP_KASAN) : flags;
}
