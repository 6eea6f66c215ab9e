/** The side of a lifetime that a hook's work belongs to. */
export type Phase = 'alloc' | 'free';

/**
 * The points at which the kernel does tag work, by the name of the function that does it. The index of a hook in this
 * list is its number in a ledger.
 */
export const HOOKS = [
  { name: '__kasan_unpoison_pages', phase: 'alloc' },
  { name: '__kasan_poison_pages', phase: 'free' },
  { name: '__kasan_poison_slab', phase: 'alloc' },
  { name: 'setup_object', phase: 'alloc' },
  { name: '__kasan_slab_alloc', phase: 'alloc' },
  { name: '__kasan_kmalloc', phase: 'alloc' },
  { name: '__kasan_slab_free', phase: 'free' },
  { name: '__kasan_kmalloc_large', phase: 'alloc' },
  { name: '__kasan_kfree_large', phase: 'free' },
  { name: '__kasan_unpoison_vmalloc', phase: 'alloc' },
  { name: '__kasan_unpoison_range', phase: 'alloc' },
  { name: 'tag_clear_highpages', phase: 'alloc' },
  { name: 'clear_pages (alloc)', phase: 'alloc' },
  { name: 'clear_pages (free)', phase: 'free' },
  { name: '__kasan_krealloc', phase: 'alloc' },
  { name: '__kasan_vrealloc', phase: 'alloc' },
  { name: '__kasan_poison_vmalloc', phase: 'free' },
  { name: '__kasan_mempool_poison_object', phase: 'free' },
  { name: '__kasan_mempool_unpoison_object', phase: 'alloc' },
  { name: '__kasan_mempool_poison_pages', phase: 'free' },
] as const satisfies readonly { readonly name: string; readonly phase: Phase }[];

export type HookName = (typeof HOOKS)[number]['name'];

/** The number of a hook. */
export type HookId = number;

export const hookId = (name: HookName): HookId => HOOKS.findIndex((hook) => hook.name === name);
