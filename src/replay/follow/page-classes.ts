import { classId, type ClassId } from '../../base/allocation-class.ts';

/** Classes whose pages are folios: only these go through folio batches. */
export const FOLIO_CLASSES: ReadonlySet<ClassId> = new Set([classId('user-anon'), classId('user-file')]);

/** Classes whose pages vmalloc allocates, and tags. */
export const AREA_CLASSES: ReadonlySet<ClassId> = new Set([
  classId('kernel-stack'),
  classId('shadow-call-stack'),
  classId('vmalloc'),
]);
