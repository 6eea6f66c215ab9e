import { UsageError } from '../base/errors.ts';
import { DEFAULT_FROM, DEFAULT_POLICY, DEFAULT_TO } from '../policy/built-in.ts';
import type { Per } from '../result/diff-runs.ts';
import type { Paths } from './command.ts';
import type { DiffOptions } from './commands/diff.ts';
import { wholeNumber } from './whole-number.ts';

const MAX_ITERATIONS = 1e9;

/** A side by the names of its traces and of its policy. */
export interface DiffedSide {
  /** Its runs; both sides of one trace have the very same list. */
  readonly files: Paths;
  readonly policy: string;
}

/** What a difference is of. */
export interface DiffedSides {
  readonly from: DiffedSide;
  readonly to: DiffedSide;
  /** What figures are divided by; undefined where they are compared as they are. */
  readonly per: Per | undefined;
}

/**
 * What is compared: policies on one trace, two traces under one policy, or the runs of two sides.
 *
 * @throws UsageError for options that make no sense with as many traces
 */
export function parseDiffOptions(files: Paths, given: DiffOptions): DiffedSides {
  const per = perOption(given.per);
  const { from, to } = sidesOf(files, given);
  if (per !== undefined && from.files === to.files) {
    throw new UsageError(
      '--per: one trace is as long under both policies',
      'It is for two traces, or for runs with --with.',
    );
  }
  const areRuns = given.with !== undefined && given.with.length > 0;
  return { from, to, per: per ?? (areRuns ? { unit: 'run' } : undefined) };
}

/** What figures are divided by. @throws UsageError for a word that is none of those */
function perOption(text: string | undefined): Per | undefined {
  if (text === undefined) return undefined;
  if (text === 'second') return { unit: 'second' };
  if (!/^\d+$/.test(text))
    throw new UsageError(
      `--per ${text}: neither "second" nor a number`,
      'Give second, or how many iterations each run has.',
    );
  return { unit: 'iteration', iterations: wholeNumber('--per', text, 1, MAX_ITERATIONS) };
}

/** Which trace is replayed under which policy. */
function sidesOf(files: Paths, given: DiffOptions): Pick<DiffedSides, 'from' | 'to'> {
  const against = given.with ?? [];
  const [first, ...others] = files;
  const [second, ...more] = against.length > 0 ? against : others;
  if (against.length === 0 && files.length > 2) {
    throw new UsageError(
      `diff takes one trace or two, and ${files.length} are given`,
      'Runs of one side stand before --with, those of the other behind it.',
    );
  }
  if (second === undefined) {
    if (given.policy !== undefined) {
      throw new UsageError(
        'diff of one trace compares two policies, and --policy is one',
        'Name them with --from and --to; --policy is for two traces.',
      );
    }
    return { from: { files, policy: given.from ?? DEFAULT_FROM }, to: { files, policy: given.to ?? DEFAULT_TO } };
  }
  if (given.from !== undefined || given.to !== undefined) {
    throw new UsageError(
      'two traces are compared under one policy, and --from or --to is given',
      'Name the policy with --policy, or give one trace only.',
    );
  }
  if ([...files, ...against].filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  }
  const policy = given.policy ?? DEFAULT_POLICY;
  return {
    from: { files: against.length > 0 ? files : [first], policy },
    to: { files: [second, ...more], policy },
  };
}
