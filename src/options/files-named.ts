import { valuesOf, type GivenValues, type Option } from './option.ts';
import { policyNames } from './policy-names.ts';

/** The files that options name to be read. What is the name of something built in is no file, and does no harm. */
export const filesNamed = (options: readonly Option[], given: GivenValues): readonly string[] =>
  options
    .filter(({ reads }) => reads !== undefined)
    .flatMap((option) =>
      valuesOf(option, given).flatMap((value) => (option.reads === 'policies' ? policyNames(value) : [value])),
    );
