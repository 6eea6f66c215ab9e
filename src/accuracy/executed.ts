import * as v from 'valibot';
import { checkedJson } from '../json/checked-json.ts';

const COUNT = 'a whole number, not negative';
const count = v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(0, COUNT));
const countsByName = v.record(v.string(), count);

const categorySchema = v.object({ calls: count, stg: count, dc: count, tag_instructions: count });

const callSchema = v.object({
  fn: v.string(),
  /** Calls of this kind. */
  n: count,
  /** The low 12 bits of the address. */
  a0: v.optional(count),
  /** The second argument: a size in bytes, of functions that take one. */
  x1: v.optional(v.number()),
  /** Callers, the nearest first. */
  chain: v.array(v.string()),
});

const runSchema = v.object({
  /** Which kernel it was: `baseline` without the series, `patched` with it, or any other name. */
  variant: v.string(),
  cpu: v.string(),
  /** Release of the kernel, or a name that begins with its digits, such as `k612`. */
  kernel: v.optional(v.string()),
  page_size: v.optional(count),
  workload: v.string(),
  /** Boot parameters by their short name; absent in recordings. */
  config: v.optional(v.string()),
  params: v.optional(
    v.object({ threads: v.optional(count), mb: v.optional(count), iterations: v.optional(count) }),
    {},
  ),
  dc_block_bytes: count,
  dczid_dzp: v.boolean(),
  tag_setting_instructions: count,
  /** Executed instructions by kind; a kind that was not executed is absent. */
  per_class: countsByName,
  /** The same by kernel function. */
  per_function: v.record(v.string(), countsByName),
  /** How often each kernel function was entered. */
  function_entries: v.optional(countsByName),
  /** Tag stores by purpose. */
  categories: v.record(v.string(), categorySchema),
  /** Calls of KASAN's functions by their callers, where they were logged. */
  calls: v.optional(v.array(callSchema)),
});

/** What a kernel executed in one run, counted instruction by instruction. */
export type ExecutedRun = v.InferOutput<typeof runSchema>;

const ADVICE =
  'Counts of executed instructions are a JSON list of runs, plain or compressed with gzip; see cases/oracle/README.md.';

/** Reads the text of a file of counts: a list of runs. @throws InputError naming the place and the field that is wrong */
export const parseExecuted = (text: string, file: string): readonly ExecutedRun[] =>
  checkedJson(text, v.array(runSchema), { what: 'counts', file, advice: ADVICE }).value;
