// The executable model: how fast it is, beside the limit, beside QEMU and beside the run times of the cover letter.
import { fileURLToPath } from 'node:url';
import { inTurn } from './measure.mjs';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const GRANULES_PER_PAGE = 256;
const STACK_PAGES = 4;

/**
 * What is run: as in the series' cover letter, and as the kernel was run in QEMU (seconds of that, without counting: the
 * median of five runs of each kernel on a machine of two cores, cases/oracle/README.md).
 */
const WORKLOADS = [
  {
    name: 'pgtable 2048 MB x 2000',
    args: ['pgtable', '--mem', '2048', '--iterations', '2000'],
    published: { 'before-series': 19.08, series: 17.62 },
  },
  {
    name: 'thread 2000 x 2000',
    args: ['thread', '--threads', '2000', '--iterations', '2000'],
    published: { 'before-series': 2.575, series: 2.229 },
    long: true,
  },
  {
    name: 'pgtable 256 MB x 50',
    args: ['pgtable', '--mem', '256', '--iterations', '50'],
    qemu: { 'before-series': 6.434, series: 5.412 },
  },
  {
    name: 'thread 100 x 50',
    args: ['thread', '--threads', '100', '--iterations', '50'],
    qemu: { 'before-series': 5.484, series: 5.677 },
  },
];

/**
 * Measures the model.
 *
 * @param {{ runs: number, long: boolean, pin: string[], say: (text: string) => void }} options `long`: also what takes
 * minutes; `pin`: words before a command that keep it on one core
 */
export async function measureModel({ runs, long, pin, say }) {
  const rows = [];
  for (const workload of WORKLOADS) {
    if (workload.long === true && !long) continue;
    for (const policy of ['before-series', 'series']) {
      say(`model: ${workload.name}, ${policy}`);
      const argv = [process.execPath, MAIN, 'bench', ...workload.args, '--policy', policy, '--json', '-q'];
      const [timing] = await inTurn([{ name: workload.name, argv }], workload.long === true ? 1 : runs, pin, () => {});
      const result = JSON.parse(timing.output);
      const [run] = result.runs;
      rows.push({
        name: workload.name,
        policy,
        median: timing.median,
        inProcess: run.wallSeconds,
        pageOperations: pageOperations(run),
        taggedPagesPerSecond:
          (run.totals.granules.alloc + run.totals.granules.free) / GRANULES_PER_PAGE / timing.median,
        published: workload.published?.[policy] ?? null,
        qemu: workload.qemu?.[policy] ?? null,
      });
    }
  }
  return { rows, filledPagesPerSecond: fillRate() / GRANULES_PER_PAGE };
}

/** Pages that left the page allocator, and those that came back. @param {any} run */
const pageOperations = (run) =>
  run.operations.pages +
  STACK_PAGES * run.operations.stacks.freed +
  run.byClass
    .filter((/** @type {any} */ work) => !['slab-object', 'kernel-stack'].includes(work.class))
    .reduce((/** @type {number} */ sum, /** @type {any} */ work) => sum + work.frees, 0);

/** Bytes of tag memory that Uint8Array.fill writes in a second, page by page: the limit for a byte a tag. */
function fillRate() {
  const tags = new Uint8Array(64 << 20);
  const pages = tags.length / GRANULES_PER_PAGE;
  for (let page = 0; page < pages; page++) tags.fill(page, page * GRANULES_PER_PAGE, (page + 1) * GRANULES_PER_PAGE);
  const start = performance.now();
  for (let round = 0; round < 4; round++)
    for (let page = 0; page < pages; page++) tags.fill(round, page * GRANULES_PER_PAGE, (page + 1) * GRANULES_PER_PAGE);
  return (4 * tags.length * 1000) / (performance.now() - start);
}
