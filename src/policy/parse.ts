import * as v from 'valibot';
import { ALLOCATION_CLASSES } from '../base/allocation-class.ts';
import { InputError, quoted } from '../base/errors.ts';
import { FREED_TAGS } from '../base/kasan-changes.ts';
import type { Policy } from './policy.ts';

/** One or several of what a condition may hold; a single one need not stand in brackets. */
const oneOrMore = <Schema extends v.GenericSchema<string, string>>(item: Schema) =>
  v.union([
    v.pipe(
      item,
      v.transform((single) => [single]),
    ),
    v.pipe(v.array(item), v.minLength(1, 'at least one entry')),
  ]);

const name = v.pipe(v.string(), v.minLength(1, 'a name that is not empty'), v.maxLength(256));
const orderBound = v.pipe(
  v.number('an order, a whole number from 0 to 15'),
  v.integer('an order, a whole number from 0 to 15'),
  v.minValue(0, 'an order, a whole number from 0 to 15'),
  v.maxValue(15, 'an order, a whole number from 0 to 15'),
);

const matchSchema = v.strictObject({
  class: v.optional(oneOrMore(v.picklist(ALLOCATION_CLASSES, `one of ${ALLOCATION_CLASSES.join(', ')}`))),
  site: v.optional(oneOrMore(name)),
  function: v.optional(oneOrMore(name)),
  comm: v.optional(oneOrMore(name)),
  gfp: v.optional(oneOrMore(v.pipe(v.string(), v.regex(/^(?:__)?GFP_[A-Z0-9_]+$/, 'a flag such as __GFP_ZERO')))),
  order: v.optional(
    v.union([
      v.pipe(
        orderBound,
        v.transform((order) => ({ min: order, max: order })),
      ),
      v.strictObject({ min: v.optional(orderBound), max: v.optional(orderBound) }),
    ]),
  ),
});

const action = v.picklist(['tag', 'skip', 'kernel'], 'one of tag, skip, kernel');

const freedTags = v.picklist(FREED_TAGS, `one of ${FREED_TAGS.join(', ')}`);

const every = 'how many allocations one is tagged of, a whole number from 1 on';
const kasanSchema = v.strictObject({
  freedPages: v.optional(freedTags, 'poison'),
  freedObjects: v.optional(freedTags, 'poison'),
  newSlabs: v.optional(v.picklist(['tag', 'skip'], 'one of tag, skip'), 'tag'),
  sample: v.optional(
    v.strictObject({
      every: v.pipe(v.number(every), v.safeInteger(every), v.minValue(1, every)),
      order: v.optional(orderBound, 3),
    }),
  ),
});

/** At most so many places: of each there is a line in a list. */
const MAX_FLAG_USES = 1000;
const flagSchema = v.strictObject({
  where: v.string(),
  class: oneOrMore(v.picklist(ALLOCATION_CLASSES, `one of ${ALLOCATION_CLASSES.join(', ')}`)),
  says: v.optional(v.string(), ''),
  why: v.optional(v.string(), ''),
});

const policySchema = v.strictObject({
  name,
  description: v.optional(v.string(), ''),
  source: v.optional(v.string(), ''),
  rules: v.pipe(v.array(v.strictObject({ match: matchSchema, action })), v.maxLength(1000)),
  otherwise: v.optional(action, 'kernel'),
  kasan: v.optional(kasanSchema),
  flags: v.optional(v.pipe(v.array(flagSchema), v.maxLength(MAX_FLAG_USES))),
});

const ADVICE =
  'A policy is JSON such as {"name": "mine", "rules": [{"match": {"class": "mmu-gather"}, "action": "skip"}], "otherwise": "kernel"}; see docs/adding-a-policy.md.';

/** Something that is wrong, and where in the file. */
interface Problem {
  readonly issue: v.BaseIssue<unknown>;
  readonly path: readonly (string | number)[];
}

/** A path such as rules[0].match.clas. */
const pathText = (path: Problem['path']): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

/**
 * The problem that says most. Where a value may have several shapes, that is the one of the branch that got furthest:
 * it took the value's type, and complains of what is in it.
 */
function deepest(issues: readonly v.BaseIssue<unknown>[], outer: Problem['path'] = []): Problem {
  const problems = issues.map((issue): Problem => {
    const path = [...outer, ...(issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))];
    return issue.issues === undefined ? { issue, path } : deepest(issue.issues, path);
  });
  const weight = ({ issue, path }: Problem): number => 2 * path.length + (issue.kind === 'validation' ? 1 : 0);
  return problems.reduce((best, problem) => (weight(problem) > weight(best) ? problem : best));
}

/**
 * Reads a policy from the text of its file.
 *
 * @param file name of the file in messages
 * @throws InputError naming the field that is wrong, what was found there and what was expected
 */
export function parsePolicy(text: string, file: string): Policy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError({
      where: `policy ${file}`,
      found: error instanceof Error ? error.message : 'text that is not JSON',
      expected: 'JSON',
      advice: ADVICE,
    });
  }
  const parsed = v.safeParse(policySchema, json);
  if (parsed.success) return parsed.output;
  // To the schema a list is an object that lacks everything.
  const isList = Array.isArray(json);
  const { issue, path } = isList ? { issue: parsed.issues[0], path: [] } : deepest(parsed.issues);
  const key = path.at(-1);
  const isUnknownKey = issue.type === 'strict_object' && issue.expected === 'never';
  throw new InputError({
    where: `policy ${file}, ${pathText(path) || 'top level'}`,
    found: isList ? 'a list' : isUnknownKey ? `the unknown key ${quoted(String(key))}` : issue.received,
    expected: isList ? 'an object' : isUnknownKey ? `only the keys ${knownKeys(path).join(', ')}` : expectedOf(issue),
    advice: ADVICE,
  });
}

function expectedOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object') return issue.expected === 'Object' ? 'an object' : `the key ${issue.expected}`;
  return issue.message.startsWith('Invalid') ? (issue.expected ?? 'something else') : issue.message;
}

/** The keys that may stand where an unknown one was found. */
function knownKeys(path: Problem['path']): readonly string[] {
  const parent = path.at(-2);
  if (parent === 'order') return ['min', 'max'];
  if (parent === 'match') return Object.keys(matchSchema.entries);
  if (parent === 'kasan') return Object.keys(kasanSchema.entries);
  if (parent === 'sample') return ['every', 'order'];
  if (typeof parent === 'number' && path.at(-3) === 'flags') return Object.keys(flagSchema.entries);
  return typeof parent === 'number' ? ['match', 'action'] : Object.keys(policySchema.entries);
}
