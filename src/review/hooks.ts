import type { Call } from '../c-source/statements.ts';
import type { Piece } from './pieces.ts';
import { canRun } from './truth.ts';

/** Functions of KASAN that ask and do nothing. */
const QUESTIONS =
  /^kasan_(?:enabled|hw_tags_enabled|flag_\w+_enabled|stack_collection_enabled|vmalloc_enabled|metadata_size)$/;

/** Functions of KASAN that only compute: addresses of the shadow, what belongs to an object (mm/kasan/kasan.h). */
const COMPUTE = /^_{0,2}kasan_(?:mem_to_shadow|shadow_to_mem|shadow_offset|get_\w+|find_\w+|addr_to_\w+|print_\w+)$/;

const HOOKS = [
  // include/linux/kasan.h: what the allocators call.
  /^_{0,2}kasan_\w+$/,
  // include/linux/mm.h, arch/arm64.
  /^page_kasan_tag_(?:set|reset)$/,
  /^arch_(?:kasan_set_tag|set_mem_tag_range)$/,
  /^(?:mte_(?:clear_page_tags|copy_page_tags|zero_clear_page_tags|sync_tags)|tag_clear_highpages?)$/,
];

/** Whether a function is one by which an allocator tells KASAN, or sets tags. */
export const isHook = (name: string): boolean =>
  HOOKS.some((pattern) => pattern.test(name)) && !QUESTIONS.test(name) && !COMPUTE.test(name);

/** The calls of hooks in pieces that can run, in order. */
export const hookCalls = (pieces: readonly Piece[]): readonly (Call & { readonly piece: Piece })[] =>
  pieces.flatMap((piece) =>
    piece.statements.calls
      .filter(({ callee, conditions, configurations }) => isHook(callee) && canRun([...configurations, ...conditions]))
      .map((call) => ({ ...call, piece })),
  );

/** What must be equal for two calls to be the same hook at the same place: its name, and the function around it. */
export const hookKey = ({ callee, function: name }: Pick<Call, 'callee' | 'function'>): string =>
  `${name ?? ''}(${callee}`;
