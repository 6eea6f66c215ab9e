import type { ModeRules } from './mode-rules.ts';

/** `struct kasan_alloc_meta` and `struct kasan_free_meta` without CONFIG_KASAN_EXTRA_INFO (mm/kasan/kasan.h, 7.3). */
const ALLOC_META_BYTES = 16;
const FREE_META_BYTES = 16;

/** mm/kasan/generic.c:optimal_redzone: for objects up to a size, how many bytes there are at least behind them. */
const REDZONES: readonly (readonly [objectSize: number, redzone: number])[] = [
  [64 - 16, 16],
  [128 - 32, 32],
  [512 - 64, 64],
  [4096 - 128, 128],
  [(1 << 14) - 256, 256],
  [(1 << 15) - 512, 512],
  [(1 << 16) - 1024, 1024],
];
const LARGEST_REDZONE = 2048;

/** What of a cache decides how much room its objects take. */
export interface LaidOutCache {
  readonly objectSize: number;
  readonly ctor: boolean;
  readonly typesafeByRcu: boolean;
}

/**
 * mm/kasan/generic.c:kasan_cache_create, 7.3: bytes of an object with its metadata and redzone, before it is aligned. The
 * tag-based builds add nothing.
 */
export function kasanObjectBytes(
  { objectMetadata }: ModeRules,
  { objectSize, ctor, typesafeByRcu }: LaidOutCache,
): number {
  if (!objectMetadata) return objectSize;
  // The stack of the free lies in the object itself where nobody needs what is there then.
  const isOutside = ctor || typesafeByRcu;
  const freeMeta = isOutside ? FREE_META_BYTES : Math.max(0, FREE_META_BYTES - objectSize);
  const redzone = REDZONES.find(([size]) => objectSize <= size)?.[1] ?? LARGEST_REDZONE;
  return Math.max(objectSize + freeMeta + ALLOC_META_BYTES, objectSize + redzone);
}
