import type { ReportForm } from './form.ts';
import { DUMP_FORMS } from './forms/dump.ts';
import { HEAD_FORMS } from './forms/head.ts';
import { MEMORY_FORMS } from './forms/memory.ts';
import { OBJECT_FORMS } from './forms/object.ts';
import { PAGE_FORMS } from './forms/page.ts';
import { PLACES_FORMS } from './forms/places.ts';
import { SLUB_FORMS } from './forms/slub.ts';
import { TRACKS_FORMS } from './forms/tracks.ts';

/** How the parts of a report begin. They are tried in this order. */
export const REPORT_FORMS: readonly ReportForm[] = [
  ...HEAD_FORMS,
  ...DUMP_FORMS,
  ...TRACKS_FORMS,
  ...OBJECT_FORMS,
  ...PLACES_FORMS,
  ...PAGE_FORMS,
  ...MEMORY_FORMS,
  ...SLUB_FORMS,
];
