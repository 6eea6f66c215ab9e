import * as v from 'valibot';
import { BUG_KINDS } from '../audit/bug-kinds.ts';
import type { Memory } from '../audit/memory.ts';
import { ALLOCATION_CLASSES } from '../base/allocation-class.ts';
import { gfp } from '../gfp/flags.ts';
import { checkedJson } from '../json/checked-json.ts';
import type { ConditionName } from '../policy/decide.ts';
import type { ShownBug } from './verdicts.ts';

/** A report that `tagscope explain --json` wrote, as far as policies are judged by it. */
export interface StoredReport {
  readonly log: string;
  readonly line: number;
  readonly title: string;
  readonly class: string;
  readonly shown: ShownBug;
}

const CONDITIONS = ['class', 'site', 'function', 'gfp', 'order', 'comm'] as const satisfies readonly ConditionName[];

const word = v.pipe(v.string(), v.maxLength(4096));
const memory = v.object({
  class: v.picklist([...ALLOCATION_CLASSES, 'global']),
  allocator: v.picklist(['slab', 'kmalloc-large', 'page', 'vmalloc', 'variable']),
  route: v.picklist(['pointer', 'match-all']),
  cache: v.optional(v.picklist(['kmalloc', 'plain', 'ctor', 'typesafe-by-rcu'])),
  order: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64))),
  gfp: v.pipe(
    v.number(),
    v.integer(),
    v.transform((bits) => gfp(bits)),
  ),
  site: v.optional(word),
  frames: v.optional(v.array(word)),
  comm: v.optional(word),
  untold: v.optional(v.array(v.picklist(CONDITIONS))),
});

const schema = v.object({
  schema: v.literal('tagscope.explain'),
  reports: v.array(
    v.object({
      log: v.string(),
      line: v.number(),
      title: v.string(),
      class: v.string(),
      access: v.object({ kind: v.picklist(['read', 'write', 'free', 'unknown']) }),
      bugs: v.array(v.picklist(BUG_KINDS.map(({ name }) => name))),
      memories: v.array(memory),
      size: v.nullable(v.number()),
      notABug: v.nullable(v.unknown()),
      duplicateOf: v.nullable(v.string()),
    }),
  ),
});

/**
 * The bugs of what `tagscope explain --json` wrote, in its order: each distinct one once, and none that is known to be no bug.
 *
 * @throws InputError naming what is not as it should be
 */
export function parseStoredReports(text: string, file: string): readonly StoredReport[] {
  const advice = 'Give what `tagscope explain LOG… --json` of this version wrote.';
  const { value, refusal } = checkedJson(text, schema, { what: 'explained reports', file, advice });
  const reports = value.reports
    .filter(({ duplicateOf, notABug }) => duplicateOf === null && notABug === null)
    .map((report): StoredReport => {
      const { kind } = report.access;
      const memories: readonly Memory[] = report.memories;
      return {
        log: report.log,
        line: report.line,
        title: report.title,
        class: report.class,
        shown: {
          bugs: report.bugs,
          memories,
          access: kind === 'unknown' ? undefined : kind,
          size: report.size ?? undefined,
        },
      };
    });
  if (reports.length === 0) throw refusal(['reports'], 'no report of a bug', 'at least one');
  return reports;
}
