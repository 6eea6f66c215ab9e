import { readdirSync, readFileSync } from 'node:fs';
import { FtraceTextReader } from '../../src/formats/ftrace-text/reader.ts';
import { oddTraces } from './odd-traces.ts';
import { textTarget } from './stream-target.ts';
import type { FuzzTarget } from './target.ts';

const folder = new URL('../../cases/ftrace-text/', import.meta.url);

/** Lines of kinds that the recorded pieces lack. */
const ODD_LINES = `# entries-in-buffer/entries-written: 30/90   #P:2
##### CPU 1 buffer started ####
CPU:1 [LOST 12 EVENTS]
CPU:0 [EVENTS DROPPED]
           <...>-44      (-------) [001] d.H1. 0.000001: mm_page_alloc: page=(nil) pfn=284497 order=3 migratetype=0 gfp_flags=0x440dc0
          w [1]-7       [000] 0.5: kmalloc_node: call_site=ffffffff8108b1d9 ptr=0x(nil) bytes_req=1 bytes_alloc=8 gfp_flags=GFP_KERNEL node=1
          <idle>-0       [000] ..s1. 0.5: kfree: call_site=a+0x1/0x2 [ext4] ptr=(____ptrval____)
          <idle>-0       [000] ..s1. 0.5: <user stack trace>
 =>  <00007f0012345678>
          <idle>-0       [000] ..... 0.5: <stack trace>
 => copy_process+0x1d0/0x1718 <ffff800080055d24>
           bench-45      [000] ..... 0.6: free_vmap_area_noflush: va_start=0xffff800080558000 nr_lazy=5 nr_lazy_max=32768
           bench-45      [000] ..... 0.6: alloc_vmap_area: va_start: 18446603338380902400 size=20480 align=32768 vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=1
           bench-45      [000] ..... 0.6: sched_process_exit: comm=bench pid=62 prio=120 group_dead=true
           bench-45      [000] ..... 0.6: tracing_mark_write: begin [000] 1.0: x: y
           bench-45      [000] ..... 0.6: copy_process <-kernel_clone
`;

/** Some thousand bytes from the beginning and the middle of each piece: mutations of short inputs hit more often. */
export function ftraceTextCorpus(): Uint8Array[] {
  const pieces = readdirSync(folder)
    .filter((name) => /\.(?:trace|report)$/.test(name))
    .toSorted()
    .flatMap((name) => {
      const data = new Uint8Array(readFileSync(new URL(name, folder)));
      return [data.slice(0, 4000), data.slice(data.length >> 1, (data.length >> 1) + 3000)];
    });
  return [...pieces, new TextEncoder().encode(ODD_LINES), ...oddTraces(/\.txt$/)];
}

/** The reader of ftrace text. */
export const ftraceTextTarget = (): FuzzTarget =>
  textTarget('ftrace-text', ftraceTextCorpus(), (options) => new FtraceTextReader(options));
