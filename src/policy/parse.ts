import * as v from 'valibot';
import { ALLOCATION_CLASSES } from '../base/allocation-class.ts';
import { DRAWS, FREED_TAGS, LARGE_KMALLOC, NEW_SLABS } from '../base/kasan-changes.ts';
import { checkedJson } from '../json/checked-json.ts';
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

const MAX_NAME = 256;
const name = v.pipe(
  v.string(),
  v.regex(/\S/, 'a name that is not empty'),
  v.maxLength(MAX_NAME, `a name of at most ${MAX_NAME} characters`),
);
const MAX_ORDER = 15;
const ORDER = `an order, a whole number from 0 to ${MAX_ORDER}`;
const orderBound = v.pipe(v.number(ORDER), v.integer(ORDER), v.minValue(0, ORDER), v.maxValue(MAX_ORDER, ORDER));

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
      v.pipe(
        v.strictObject({ min: v.optional(orderBound), max: v.optional(orderBound) }),
        v.check(({ min = 0, max = MAX_ORDER }) => min <= max, 'a "min" that is not above "max": no order is both'),
      ),
    ]),
  ),
});

const action = v.picklist(['tag', 'skip', 'kernel'], 'one of tag, skip, kernel');

const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `one of ${options.join(', ')}`);

const freedTags = oneOf(FREED_TAGS);

const every = 'how many allocations one is tagged of, a whole number from 1 on';
const kasanSchema = v.strictObject({
  freedPages: v.optional(freedTags, 'poison'),
  freedObjects: v.optional(freedTags, 'poison'),
  newSlabs: v.optional(oneOf(NEW_SLABS), 'tag'),
  largeKmalloc: v.optional(oneOf(LARGE_KMALLOC), 'pages'),
  draws: v.optional(oneOf(DRAWS), 'any'),
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

/**
 * Reads a policy from the text of its file.
 *
 * @param file name of the file in messages
 * @throws InputError naming place and field, what was found there and what was expected
 */
export const parsePolicy = (text: string, file: string): Policy =>
  checkedJson(text, policySchema, { what: 'policy', file, advice: ADVICE, handWritten: true }).value;
