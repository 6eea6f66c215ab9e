import { CostModel } from '../cost/cost-model.ts';
import type { Readings } from '../cost/profile.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { HookName } from '../kasan/hook.ts';
import type { Policy } from '../policy/policy.ts';
import type { BenchRun } from '../workload/bench-run.ts';
import type { BenchRunResult } from './bench.ts';
import { byClass, byHook, bySite, sumOfRows } from './ledger-work.ts';
import type { SiteWork } from './result.ts';

/** The functions that tag whole pages: of the page allocator, of vmalloc, and of stacks that are used again. */
const TAGS_PAGES: ReadonlySet<string> = new Set<HookName>([
  '__kasan_unpoison_pages',
  '__kasan_unpoison_vmalloc',
  '__kasan_unpoison_range',
]);

/**
 * What a run has done so far, as a result.
 *
 * @param readings of the profile for its CPU; undefined where no profile is for its KASAN
 */
export function benchRunResult(
  run: BenchRun,
  policy: Policy,
  stopped: string | undefined,
  wallSeconds: number,
  readings: Readings | undefined,
): BenchRunResult {
  const { ledger } = run.machine;
  const cost = readings === undefined ? undefined : new CostModel(readings, ledger.machine.cpu);
  const costed = { ledger, cost };
  const sites = bySite(costed);
  const made = (name: string): number =>
    sites.find(({ site, class: of }) => site === name && of === 'slab-object')?.allocations ?? 0;
  const pagesOf = (wanted: (work: SiteWork) => boolean): number =>
    sites.reduce((sum, work) => (wanted(work) ? sum + work.bytes : sum), 0) / run.machine.kernel.config.pageSize;
  const { config, rules } = run.machine.kernel.kasan;
  const hooks = byHook(ledger);
  const granulesOfTagged = hooks.reduce((sum, { hook, granules }) => sum + (TAGS_PAGES.has(hook) ? granules : 0), 0);
  const { stacks } = run;
  const tasks = stacks.fresh + stacks.reused;
  const processes = made('task_exec_state_copy');
  return {
    policy: { name: policy.name, description: policy.description, source: policy.source },
    iterations: run.iterations,
    ended: run.ended ?? stopped ?? null,
    operations: {
      processes,
      threads: tasks - processes,
      stacks,
      pageTables: pagesOf((work) => work.class === 'page-table'),
      pages: pagesOf((work) => work.class !== 'slab-object') - (stacks.reused * config.threadSize) / config.pageSize,
    },
    pagesTagged: (granulesOfTagged * rules.granule) / config.pageSize,
    totals: sumOfRows(
      costed,
      ledger.rows.map((_, row) => row),
    ),
    byClass: byClass(costed),
    bySite: sites,
    byHook: hooks,
    modelSeconds: run.modelSeconds,
    wallSeconds,
  };
}

/** Tag-setting instructions of a run. */
export const tagInstructionsOf = ({ totals }: BenchRunResult): number => tagSetting(totals.instructions);
