import type { AdviseResult } from '../decide/advise.ts';
import { renderAdvise } from './advise-text.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that advice can be written in. */
export const ADVISE_WRITERS: Writers<AdviseResult> = textAndJson(renderAdvise);
