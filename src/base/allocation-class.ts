/**
 * What an allocation is for. The order is that of reports when figures are equal, and the index of a class in this
 * list is its number in typed columns.
 */
export const ALLOCATION_CLASSES = [
  'kernel-stack',
  'shadow-call-stack',
  'page-table',
  'slab-page',
  'slab-object',
  'kmalloc-large',
  'vmalloc',
  'mmu-gather',
  'user-anon',
  'user-file',
  'pipe',
  'socket-buffer',
  'percpu',
  'driver/other',
  'unknown',
] as const;

export type AllocationClass = (typeof ALLOCATION_CLASSES)[number];

/** The number of a class in typed columns. */
export type ClassId = number;

export const classId = (name: AllocationClass): ClassId => ALLOCATION_CLASSES.indexOf(name);
export const className = (id: ClassId): AllocationClass => ALLOCATION_CLASSES[id] ?? 'unknown';
