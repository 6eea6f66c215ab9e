import type { KernelVersion } from '../base/kernel-version.ts';
import { isAtLeast } from '../base/kernel-version.ts';
import { KASAN_TAG_INVALID } from '../mte/tag-machine.ts';
import { parseFrame } from '../kasan/report/frame.ts';
import type { AccessReport } from '../kasan/report/report.ts';
import { normalizeSymbol } from '../classify/symbol.ts';
import type { NotABug, ReportMode } from './result.ts';

/** A report that kernels print though nothing is wrong with who accesses. */
interface FalsePositive extends NotABug {
  readonly modes: readonly ReportMode[];
  /** Versions that have it; stable kernels of the same series may have been mended. */
  readonly kernels: { readonly since?: KernelVersion; readonly before?: KernelVersion };
  readonly matches: (report: AccessReport, functions: readonly string[]) => boolean;
}

const version = (major: number, minor: number): KernelVersion => ({ major, minor });
const TAGS: readonly ReportMode[] = ['hw-tags', 'sw-tags'];

/** The accessing function and its callers, without those that print and take the fault. */
const REPORTING =
  /^(?:dump_backtrace|show_stack|__?dump_stack|dump_stack_lvl|print_.*|kasan_.*|__kasan_.*|__do_kernel_fault|do_bad_area|do_tag_check_fault|do_mem_abort|el1.*)$/;

/** Functions of the call trace from the one that accessed, innermost first. */
export function accessingFunctions({ dump, symbol, inlined = [] }: AccessReport): string[] {
  const functions = (dump?.callTrace ?? [])
    .map(parseFrame)
    .filter(({ reliable }) => reliable)
    .map((frame) => normalizeSymbol(frame.function))
    .filter((name) => !REPORTING.test(name));
  const own = [...inlined, ...(symbol === undefined ? [] : [symbol])].map((name) =>
    normalizeSymbol(parseFrame(name).function),
  );
  return [...new Set([...own, ...functions])];
}

const begins = (functions: readonly string[], first: RegExp, then: RegExp): boolean =>
  first.test(functions[0] ?? '') && functions.slice(1, 4).some((name) => then.test(name));

/** Known false positives: the kernel's own tooling went through a pointer whose tag it should have reset. */
export const FALSE_POSITIVES: readonly FalsePositive[] = [
  {
    name: 'kmemleak scans',
    why: 'kmemleak reads all of an object by its tagged pointer, redzone and freed parts too.',
    source: '6c7a00b84337 "kasan, kmemleak: reset tags when scanning block" (5.14-rc6; mm/kmemleak.c:scan_block)',
    modes: TAGS,
    kernels: { before: version(5, 14) },
    matches: (_report, functions) =>
      functions.slice(0, 3).some((name) => /^(?:scan_block|update_checksum|scan_object)$/.test(name)),
  },
  {
    name: 'krealloc zeroes what is spare',
    why: 'krealloc with __GFP_ZERO writes behind what was asked for, up to the end of the object, by the tagged pointer.',
    source:
      '704573851b51 "mm: krealloc: Fix MTE false alarm in __do_krealloc", of 1a83a716ec233 (6.12-rc1 and stable kernels)',
    modes: TAGS,
    kernels: { since: version(6, 1), before: version(6, 13) },
    matches: ({ bugType, access, tags }, functions) =>
      bugType === 'slab-out-of-bounds' &&
      access.kind === 'write' &&
      tags?.memory === 0xfe &&
      begins(functions, /^_*memset/, /^(?:_*do_krealloc|krealloc.*|btf_populate_kfunc_set)$/),
  },
  {
    name: 'copy of a user page that keeps tags of KASAN',
    why: 'A page of user space was taken for one with tags of its own, and got those of the page that it is a copy of.',
    source:
      '"arm64: mte: Avoid setting PG_mte_tagged if no tags cleared or restored" (6.1, 5.15 stable), of 69e3b846d8a7 (5.14)',
    modes: ['hw-tags'],
    kernels: { since: version(5, 14), before: version(6, 1) },
    matches: ({ page }, functions) =>
      /^(?:copy_page|copy_highpage|_*memcpy)$/.test(functions[0] ?? '') &&
      page !== undefined &&
      (page.flagsPrefix.startsWith('anon') || (page.mapcount ?? 0) > 0),
  },
  {
    name: 'kfree_nolock queues a freed object',
    why: 'With CONFIG_SLUB_TINY the allocator itself writes its list into an object that it has poisoned just before.',
    source: '53ca00a19d34 (mm/slub.c:defer_free), of af92793e52c3 (6.18)',
    modes: TAGS,
    kernels: { since: version(6, 18), before: version(7, 0) },
    matches: (_report, functions) => functions[0] === 'defer_free',
  },
  {
    name: 'KFENCE writes to its pool',
    why: 'The pool of KFENCE is initialised by a pointer with the tag of pages that are poisoned by then.',
    source:
      'mm/kfence/core.c:kfence_init_pool, kfence_init_late: accesses of the pool itself (which versions is not known)',
    modes: TAGS,
    kernels: {},
    matches: (_report, functions) =>
      functions
        .slice(0, 3)
        .some((name) => /^(?:kfence_init|kfence_init_pool|kfence_init_late|kfence_init_enable)$/.test(name)),
  },
  {
    name: 'vrealloc within its area',
    why: 'An area that shrank and grows again in place is used beyond what was unpoisoned.',
    source:
      'mm/vmalloc.c:vrealloc_node_align, 6.12 on; last mended by "mm/kasan: fix KASAN poisoning in vrealloc()" (January 2026; the release is not confirmed)',
    modes: ['generic', ...TAGS],
    kernels: { since: version(6, 12), before: version(7, 0) },
    matches: (_report, functions) =>
      functions.slice(0, 3).some((name) => /^(?:vrealloc|vrealloc_node_align)$/.test(name)),
  },
  {
    name: 'per-CPU chunk of several areas',
    why: 'Each area of a chunk got a tag of its own, and the chunk is reached by the pointer to the first.',
    source:
      'kasan-dev, 2025: invalid-access in pcpu_alloc_noprof, from 1d96320f8d53 (5.18); "kasan: Unpoison vms[area] addresses with a common tag" (on 6.19-rc1; the release is not confirmed)',
    modes: ['sw-tags'],
    kernels: { since: version(5, 18), before: version(7, 0) },
    matches: ({ bugType, access, tags }, functions) =>
      bugType === 'invalid-access' &&
      access.kind === 'write' &&
      tags?.memory !== KASAN_TAG_INVALID &&
      functions.slice(0, 2).some((name) => /^pcpu_(?:alloc|populate_chunk|create_chunk)/.test(name)),
  },
  {
    name: 'use of an area that vrealloc has grown',
    why: 'The BPF verifier moves instructions within an area that vrealloc has grown, and KASAN had not unpoisoned all of it.',
    source:
      'kasan-dev, January 2026: invalid-access in bpf_patch_insn_data, from 77620d126739 (6.18); "mm/kasan: fix KASAN poisoning in vrealloc()"',
    modes: TAGS,
    kernels: { since: version(6, 18), before: version(7, 0) },
    matches: ({ bugType }, functions) =>
      bugType === 'invalid-access' && functions.slice(0, 2).includes('bpf_patch_insn_data'),
  },
];

/** Whether a report is known not to show a bug. Where the version is not known, every version may be it. */
export function notABug(
  report: AccessReport,
  mode: ReportMode,
  kernel: KernelVersion | undefined,
): NotABug | undefined {
  const functions = accessingFunctions(report);
  const found = FALSE_POSITIVES.find(({ modes, kernels: { since, before }, matches }) => {
    if (!modes.includes(mode)) return false;
    if (kernel !== undefined && since !== undefined && !isAtLeast(kernel, since)) return false;
    if (kernel !== undefined && before !== undefined && isAtLeast(kernel, before)) return false;
    return matches(report, functions);
  });
  return found === undefined ? undefined : { name: found.name, why: found.why, source: found.source };
}
