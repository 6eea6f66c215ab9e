import * as v from 'valibot';
import { didYouMean } from '../base/did-you-mean.ts';
import { InputError, quoted } from '../base/errors.ts';
import { JsonSyntaxError, parseJson, type JsonText, type Path } from './json-text.ts';

/** What messages call a file, and what they advise. */
export interface FileNaming {
  /** What it should be: "policy". */
  readonly what: string;
  /** Its name. */
  readonly file: string;
  readonly advice: string;
  /** Written by people, who may give a key twice. */
  readonly handWritten?: true;
}

/** A value of the shape that was asked for, and what refuses it for what no schema says. */
export interface CheckedJson<Value> {
  readonly value: Value;
  /** The error for a part of it that makes no sense. */
  refusal(path: Path, found: string, expected: string): InputError;
}

/**
 * Reads a JSON file of a known shape from its text.
 *
 * @throws InputError naming file, line, column and field, what was found there and what was expected
 */
export function checkedJson<const Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
  naming: FileNaming,
): CheckedJson<v.InferOutput<Schema>> {
  const json = parsed(text, naming);
  const result = v.safeParse(schema, json.value);
  if (!result.success) throw shapeError(json, schema, result.issues, naming);
  return {
    value: result.output,
    refusal: (path, found, expected) =>
      new InputError({ where: whereOf(json.placeOf(path), path, naming), found, expected, advice: naming.advice }),
  };
}

function parsed(text: string, { what, file, advice, handWritten }: FileNaming): JsonText {
  try {
    const json = parseJson(text);
    if (handWritten === true) json.refuseTwins();
    return json;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { place, found, expected } = error;
    throw new InputError({
      where: `${what} ${file}, line ${place.line}, column ${place.column}`,
      found,
      expected,
      advice,
    });
  }
}

const whereOf = (
  { line, column }: { readonly line: number; readonly column: number },
  path: Path,
  { what, file }: FileNaming,
): string => `${what} ${file}, line ${line}, column ${column}, ${pathText(path) || 'top level'}`;

/** A path such as rules[0].match.clas. */
const pathText = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

/** Something that is wrong, and where in the file. */
interface Problem {
  readonly issue: v.BaseIssue<unknown>;
  readonly path: Path;
}

function shapeError(
  json: JsonText,
  schema: v.GenericSchema,
  issues: readonly v.BaseIssue<unknown>[],
  naming: FileNaming,
): InputError {
  // To a schema a list is an object that lacks everything.
  const isList = Array.isArray(json.value) && schema.type !== 'array';
  const { issue, path }: Problem = isList ? { issue: issues[0], path: [] } : deepest(issues);
  const refusal = (where: string, found: string, expected: string, names: readonly string[] = [], name = '') =>
    new InputError({ where, found, expected, advice: didYouMean(name, names) + naming.advice });
  if (isList) return refusal(whereOf(json.placeOf([]), [], naming), 'a list', 'an object');
  const key = String(path.at(-1));
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const names = keysAt(schema, path.slice(0, -1));
    const where = whereOf(json.placeOfKey(path), path, naming);
    return refusal(where, `the unknown key ${quoted(key)}`, `only the keys ${names.join(', ')}`, names, key);
  }
  const where = whereOf(json.placeOf(path), path, naming);
  if (issue.expected?.startsWith('"') === true && issue.input === undefined && issue.received === 'undefined')
    return refusal(where, 'nothing', `the key ${quoted(key)}`);
  const names = [...(issue.expected ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  return refusal(
    where,
    inWords(issue.input),
    expectedOf(issue),
    names,
    typeof issue.input === 'string' ? issue.input : '',
  );
}

/**
 * The problem that says most. Where a value may have several shapes, that is the one of the branch that got furthest:
 * it took the value's type, and complains of what is in it. A key that is not known says more than one that is missing:
 * it is the missing one, misspelt.
 */
function deepest(issues: readonly v.BaseIssue<unknown>[], outer: Path = []): Problem {
  const problems = issues.map((issue): Problem => {
    const path = [...outer, ...(issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))];
    return issue.issues === undefined ? { issue, path } : deepest(issue.issues, path);
  });
  const weight = ({ issue, path }: Problem): number =>
    2 * path.length + (issue.kind === 'validation' || issue.expected === 'never' ? 1 : 0);
  return problems.reduce((best, problem) => (weight(problem) > weight(best) ? problem : best));
}

/** What stands in a file, as one would say it. */
function inWords(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (input === null) return 'null';
  if (typeof input === 'string') return input === '' ? 'an empty text' : quoted(input);
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list';
  if (typeof input === 'object') return 'an object';
  return String(input);
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'a text in double quotes'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['Array', 'a list'],
  ['Object', 'an object'],
  ['integer', 'a whole number'],
]);

/** What a schema wants: in its own words where it has some. */
function expectedOf({ message, expected, requirement }: v.BaseIssue<unknown>): string {
  if (!message.startsWith('Invalid')) return message;
  if (expected === null) return typeof requirement === 'number' ? `${requirement}` : 'another value';
  return expected
    .replace(/^\((.*)\)$/, '$1')
    .split(' | ')
    .map((type) => TYPES.get(type) ?? (/^[<>]=?/.test(type) ? boundInWords(type) : type))
    .join(' or ');
}

const boundInWords = (bound: string): string =>
  bound.replace(/^>=/, 'at least ').replace(/^<=/, 'at most ').replace(/^>/, 'more than ').replace(/^</, 'less than ');

/** The keys of the object that a schema has at a path; of several shapes all of them. */
function keysAt(schema: unknown, path: Path): readonly string[] {
  if (!isSchema(schema)) return [];
  if (schema.options !== undefined) return schema.options.flatMap((option) => keysAt(option, path));
  if (schema.pipe !== undefined && schema.pipe[0] !== schema) return keysAt(schema.pipe[0], path);
  if (schema.wrapped !== undefined) return keysAt(schema.wrapped, path);
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(schema.entries ?? {});
  return keysAt(typeof key === 'number' ? schema.item : schema.entries?.[key], rest);
}

/** What of schemas leads to the objects in them. */
interface SchemaParts {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly unknown[];
  readonly wrapped?: unknown;
}

const isSchema = (value: unknown): value is SchemaParts => typeof value === 'object' && value !== null;
