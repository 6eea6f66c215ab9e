import { ALLOCATION_CLASSES, type AllocationClass } from '../base/allocation-class.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { InputError, quoted, UsageError } from '../base/errors.ts';

/** What of a result, or of a class or call site of it, a budget may limit. */
export const METRICS = [
  { name: 'granules', unit: 'count', about: 'granules tagged, at allocation and at free' },
  { name: 'granules.alloc', unit: 'count', about: 'those at allocation' },
  { name: 'granules.free', unit: 'count', about: 'those at free' },
  { name: 'instructions', unit: 'count', about: 'tag-setting instructions' },
  { name: 'share', unit: 'share', about: 'of all tag-setting instructions' },
  { name: 'share.granules', unit: 'share', about: 'of all granules tagged' },
  { name: 'allocations', unit: 'count', about: 'allocations' },
  { name: 'frees', unit: 'count', about: 'frees' },
  { name: 'bytes', unit: 'bytes', about: 'bytes allocated' },
  { name: 'time', unit: 'time', about: 'time of the tags, best estimate of the profile' },
  { name: 'time.low', unit: 'time', about: 'its lower bound' },
  { name: 'time.high', unit: 'time', about: 'its upper bound' },
  {
    name: 'losses',
    unit: 'count',
    about: 'dropped events, unmatched frees and all else that the result does not cover',
  },
] as const satisfies readonly { readonly name: string; readonly unit: MetricUnit; readonly about: string }[];

export type MetricUnit = 'count' | 'share' | 'bytes' | 'time';
export type MetricName = (typeof METRICS)[number]['name'];

/** What a metric is taken of: everything, a class, or the call sites that a name with `*` matches. */
export type Scope =
  | { readonly of: 'all' }
  | { readonly of: 'class'; readonly class: AllocationClass }
  | { readonly of: 'site'; readonly site: string };

export const OPERATORS = ['<=', '>=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

/** One limit: the text that it was given as, and what it says. */
export interface Limit {
  readonly text: string;
  readonly scope: Scope;
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly operator: Operator;
  /** A count, bytes, nanoseconds, or a share from 0 to 1. */
  readonly value: number;
}

/** Limits of one budget that are read; a file of thousands is a mistake. */
const MAX_LIMITS = 1000;
const ADVICE =
  'A budget is a list such as "granules<1.5M,class.page-table.share<5%,site.copy_process.time<=2ms"; `tagscope check --help` has all of it.';

/**
 * Reads a budget: limits separated by commas, or each on a line of its own. A name with a comma or an operator in it
 * stands in double quotes.
 *
 * @throws UsageError naming the limit that makes no sense, and what it may be
 */
export function parseBudget(text: string): readonly Limit[] {
  try {
    const parts = split(text);
    if (parts.length > MAX_LIMITS) throw refusal(text, `${parts.length} limits`, `at most ${MAX_LIMITS}`);
    return parts.map(parseLimit);
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    const { limit, found, expected, advice } = error;
    throw new UsageError(`--budget ${quoted(limit)}: found ${found}; expected ${expected}`, advice);
  }
}

/**
 * Reads a budget from the text of its file: the same, and what stands behind a `#` is a remark.
 *
 * @param file name of the file in messages
 * @throws InputError naming the line that makes no sense, and what may stand there
 */
export function parseBudgetFile(text: string, file: string): readonly Limit[] {
  const refuse = (where: string, { found, expected, advice }: Pick<LimitError, 'found' | 'expected' | 'advice'>) =>
    new InputError({ where: `budget ${file}${where}`, found, expected, advice });
  const limits = text.split(/\r?\n/).flatMap((line, index) => {
    const [bare = ''] = /^(?:"[^"]*"|[^"#])*/.exec(line) ?? [];
    if (bare.trim() === '') return [];
    try {
      return split(bare).map(parseLimit);
    } catch (error) {
      throw error instanceof LimitError ? refuse(`, line ${index + 1}`, error) : error;
    }
  });
  if (limits.length === 0) throw refuse('', { found: 'no limit', expected: 'a limit on each line', advice: ADVICE });
  if (limits.length > MAX_LIMITS)
    throw refuse('', { found: `${limits.length} limits`, expected: `at most ${MAX_LIMITS}`, advice: ADVICE });
  return limits;
}

/** A limit that makes no sense, wherever it stands. */
class LimitError extends Error {
  readonly limit: string;
  readonly found: string;
  readonly expected: string;
  readonly advice: string;

  constructor(limit: string, found: string, expected: string, advice: string) {
    super(`${limit}: found ${found}; expected ${expected}`);
    this.limit = limit;
    this.found = found;
    this.expected = expected;
    this.advice = advice;
  }
}

/** Cuts at commas and ends of lines outside double quotes. */
function split(text: string): readonly string[] {
  const parts = (text.match(/(?:"[^"]*"|[^",\n])+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '');
  if (parts.length === 0) throw refusal(text, 'nothing', 'a limit');
  if ((text.match(/"/g) ?? []).length % 2 !== 0) throw refusal(text, 'a quote that does not end', 'quotes in pairs');
  return parts;
}

function parseLimit(text: string): Limit {
  const match = /^((?:"[^"]*"|[^"<>=])+?)\s*(<=|>=|<|>)\s*([^<>=]+)$/.exec(text);
  if (match === null) throw refusal(text, 'no comparison', `a name, one of ${OPERATORS.join(' ')}, and a value`);
  const [, name, operatorText, valueText] = match;
  const operator = OPERATORS.find((known) => known === operatorText) ?? '<';
  const { scope, metric } = parseName(text, name.trim());
  const { unit } = metric;
  return { text, scope, metric: metric.name, unit, operator, value: parseValue(text, valueText.trim(), unit) };
}

type Metric = (typeof METRICS)[number];
const METRIC_NAMES = METRICS.map(({ name }) => name);

/** `granules`, `class.page-table.share`, `site."a.b".time.high`: the metric is what the end of the name says. */
function parseName(limit: string, name: string): { readonly scope: Scope; readonly metric: Metric } {
  const scoped = /^(class|site)\.(.+)$/.exec(name);
  const rest = scoped === null ? name : scoped[2];
  const metric = [...METRICS]
    .toSorted((a, b) => b.name.length - a.name.length)
    .find((known) => rest === known.name || (scoped !== null && rest.endsWith(`.${known.name}`)));
  if (metric === undefined)
    throw refusal(
      limit,
      quoted(name),
      `one of ${METRIC_NAMES.join(', ')}, alone or after class.NAME. or site.NAME.`,
      didYouMean(scoped === null ? name : name.slice(name.lastIndexOf('.') + 1), METRIC_NAMES),
    );
  if (scoped === null) return { scope: { of: 'all' }, metric };
  const subject = rest.slice(0, -metric.name.length - 1).replace(/^"([^"]*)"$/, '$1');
  if (subject === '') throw refusal(limit, quoted(name), `a name between ${scoped[1]}. and .${metric.name}`);
  if (metric.name === 'losses') throw refusal(limit, 'losses of a part', 'losses alone: they are of the whole result');
  if (scoped[1] === 'site') return { scope: { of: 'site', site: subject }, metric };
  const known = ALLOCATION_CLASSES.find((candidate) => candidate === subject);
  if (known === undefined)
    throw refusal(
      limit,
      `the class ${quoted(subject)}`,
      `one of ${ALLOCATION_CLASSES.join(', ')}`,
      didYouMean(subject, ALLOCATION_CLASSES),
    );
  return { scope: { of: 'class', class: known }, metric };
}

/** What may stand behind a number, by what is measured. */
const SUFFIXES: { readonly [Unit in MetricUnit]: Readonly<Record<string, number>> } = {
  count: { '': 1, k: 1e3, M: 1e6, G: 1e9 },
  share: { '%': 0.01, '': 1 },
  bytes: { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
  time: { ns: 1, us: 1e3, ms: 1e6, s: 1e9 },
};

function parseValue(limit: string, text: string, unit: MetricUnit): number {
  const match = /^(\d[\d_]*(?:\.\d+)?(?:e\d{1,2})?)\s*([A-Za-z%]*)$/.exec(text);
  const suffixes = SUFFIXES[unit];
  const scale = match === null || !Object.hasOwn(suffixes, match[2]) ? undefined : suffixes[match[2]];
  const names = Object.keys(suffixes).filter((suffix) => suffix !== '');
  if (match === null || scale === undefined)
    throw refusal(
      limit,
      `the value ${quoted(text)}`,
      `a number${'' in suffixes ? ', alone or' : ''} with ${names.join(', ')}`,
    );
  const value = Number(match[1].replaceAll('_', '')) * scale;
  if (value > Number.MAX_SAFE_INTEGER)
    throw refusal(limit, `the value ${quoted(text)}`, 'a number that counts can reach');
  if (unit === 'share' && value > 1)
    throw refusal(limit, `the share ${quoted(text)}`, 'a share from 0 % to 100 %, such as 5%');
  return value;
}

const refusal = (limit: string, found: string, expected: string, meant = ''): LimitError =>
  new LimitError(limit, found, expected, `${meant}${ADVICE}`);
