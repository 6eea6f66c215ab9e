import { tagSetting } from '../mte/instruction.ts';
import { classId } from '../base/allocation-class.ts';
import type { Policy } from '../policy/policy.ts';
import type { BenchRun } from '../workload/bench-run.ts';
import type { BenchRunResult } from './bench.ts';
import { byClass, byHook, bySite, sumOfRows } from './ledger-work.ts';
import type { SiteWork } from './result.ts';

const KERNEL_STACK = classId('kernel-stack');

/** What a run has done so far, as a result. */
export function benchRunResult(
  run: BenchRun,
  policy: Policy,
  stopped: string | undefined,
  wallSeconds: number,
): BenchRunResult {
  const { ledger } = run.machine;
  const sites = bySite(ledger);
  const made = (name: string): number =>
    sites.find(({ site, class: of }) => site === name && of === 'slab-object')?.allocations ?? 0;
  const pagesOf = (wanted: (work: SiteWork) => boolean): number =>
    sites.reduce((sum, work) => (wanted(work) ? sum + work.bytes : sum), 0) / run.machine.kernel.config.pageSize;
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
      pages:
        pagesOf((work) => work.class !== 'slab-object' && classId(work.class) !== KERNEL_STACK) +
        (stacks.fresh * run.machine.kernel.config.threadSize) / run.machine.kernel.config.pageSize,
    },
    totals: sumOfRows(
      ledger,
      ledger.rows.map((_, row) => row),
    ),
    byClass: byClass(ledger),
    bySite: sites,
    byHook: byHook(ledger),
    modelSeconds: run.modelSeconds,
    wallSeconds,
  };
}

/** Tag-setting instructions of a run. */
export const tagInstructionsOf = ({ totals }: BenchRunResult): number => tagSetting(totals.instructions);
