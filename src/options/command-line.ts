import { DEFAULT_FROM, DEFAULT_POLICY } from '../policy/built-in.ts';
import { replayWords, tableWords, type RawOptions } from './replay-options.ts';
import { shellCommand } from './shell-quote.ts';

/** A path that begins with a dash would be taken for an option. */
const fileWord = (path: string): string => (path.startsWith('-') && path !== '-' ? `./${path}` : path);

/** An option and its value, unless it is the usual one. */
export const unlessDefault = (option: string, value: string | undefined, usual: string): string[] =>
  value === undefined || value === usual ? [] : [option, value];

/** The command line that gives a report again. */
export const reportCommand = (files: readonly string[], raw: RawOptions): string =>
  shellCommand([
    'tagscope',
    'report',
    ...files.map(fileWord),
    ...(raw.merge === true ? ['--merge'] : []),
    ...unlessDefault('--policy', raw.policy, DEFAULT_POLICY),
    ...replayWords(raw),
    ...tableWords(raw),
  ]);

/** The command line that gives a comparison of policies again. */
export const compareCommand = (
  file: string,
  raw: RawOptions & { readonly policies?: string; readonly trials?: string; readonly weights?: string },
): string =>
  shellCommand([
    'tagscope',
    'compare',
    fileWord(file),
    ...unlessDefault('--from', raw.from, DEFAULT_FROM),
    ...unlessDefault('--policies', raw.policies, ''),
    ...unlessDefault('--trials', raw.trials, ''),
    ...unlessDefault('--weights', raw.weights, ''),
    ...replayWords(raw),
  ]);

/** The command line that gives advice again. */
export const adviseCommand = (file: string, raw: RawOptions & { readonly trials?: string }): string =>
  shellCommand([
    'tagscope',
    'advise',
    fileWord(file),
    ...unlessDefault('--policy', raw.policy, 'series'),
    ...unlessDefault('--trials', raw.trials, ''),
    ...replayWords(raw),
    ...tableWords(raw),
  ]);

/** The command line that checks a budget again. */
export const checkCommand = (
  file: string,
  raw: RawOptions & { readonly budget?: readonly string[]; readonly budgetFile?: string },
): string =>
  shellCommand([
    'tagscope',
    'check',
    fileWord(file),
    ...unlessDefault('--budget-file', raw.budgetFile, ''),
    ...(raw.budget ?? []).flatMap((budget) => ['--budget', budget]),
    ...unlessDefault('--policy', raw.policy, DEFAULT_POLICY),
    ...replayWords(raw),
  ]);

/** The command line that gives a difference again. */
export const diffCommand = (files: readonly string[], sides: readonly string[], raw: RawOptions): string =>
  shellCommand(['tagscope', 'diff', ...files.map(fileWord), ...sides, ...replayWords(raw), ...tableWords(raw)]);
