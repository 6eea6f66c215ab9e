import type { CheckResult } from '../decide/check.ts';
import { checkGithub } from './check-github.ts';
import { renderCheck } from './check-text.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that a result beside its budget can be written in. */
export const CHECK_WRITERS: Writers<CheckResult> = {
  ...textAndJson(renderCheck),
  github: { takes: 'each', write: checkGithub },
};
