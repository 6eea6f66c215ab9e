import { readdirSync, readFileSync } from 'node:fs';
import { PerfScriptReader } from '../../src/formats/perf-script/reader.ts';
import { oddTraces } from './odd-traces.ts';
import { textTarget } from './stream-target.ts';
import type { FuzzTarget } from './target.ts';

const folder = new URL('../../cases/perf-script/', import.meta.url);

/** Lines of kinds that the recorded pieces lack. */
const ODD_LINES = `# ========
# captured on    : Wed Nov 25 14:32:55 2026
swapper     0 [000]     0.000000: PERF_RECORD_FORK(1:1):(0:0)
ls  5215 [001]   459.903079: PERF_RECORD_LOST lost 959
ls  5215 [001]   459.903079: PERF_RECORD_LOST_SAMPLES lost 12
        :-1    -1 [001]   459.903080:      250000 cpu-clock:u:  ffffffff821f2c2b pv_native_safe_halt+0xb ([kernel.kallsyms])
        :-1    -1 [001]   459.903080: kmem:kfree:k: call_site=0x1 ptr=(nil)
        w 1 2   5/7 [001]   459.903080:          1 kmem:kmalloc_node call_site=a ptr=0x10 bytes_req=1 bytes_alloc=8 gfp_flags=0xcc0
	        ffffffff821f2c2b a+0x1 (inlined)
                  7f001234 [unknown] ([unknown])
  mm/slub.c:123

vm 1 [000] 1.5: vmalloc:alloc_vmap_area: va_start: 18446683600570023936 size=20480 align=4096 vstart=1 vend=2 failed=1
vm 1 [000] 1.6: probe:kfree: (ffffffff8162fe13)
Processed 5911623 events and lost 14 chunks!
`;

/** The reader of what perf script prints. */
export const perfScriptTarget = (): FuzzTarget => {
  const pieces = readdirSync(folder)
    .filter((name) => name.endsWith('.script'))
    .toSorted()
    .flatMap((name) => {
      const data = new Uint8Array(readFileSync(new URL(name, folder)));
      return [data.slice(0, 4000), data.slice(data.length >> 1, (data.length >> 1) + 3000)];
    });
  const corpus = [...pieces, new TextEncoder().encode(ODD_LINES), ...oddTraces(/^perf-script/)];
  return textTarget('perf-script', corpus, (options) => new PerfScriptReader(options));
};
