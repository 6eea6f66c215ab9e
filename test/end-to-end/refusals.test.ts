import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, tagscope, unwrapped } from './command.testdata.ts';

const HEADER = '# tracer: nop\n#\n';
const ALLOC =
  '           bench-404     [000] .....     0.100000: mm_page_alloc: page=0000000000000001 pfn=0x1001 order=0 migratetype=0 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP\n';
const FREE =
  '           bench-404     [000] .....     0.200000: mm_page_free: page=0000000000000001 pfn=0x1001 order=0\n';

/** Files that the cases below name in angle brackets. */
const FILES: ReadonlyMap<string, string | Uint8Array> = new Map<string, string | Uint8Array>([
  ['good', HEADER + ALLOC + FREE],
  ['empty', ''],
  ['prose', 'Dear diary,\ntoday the kernel booted.\n'],
  ['random', Uint8Array.from({ length: 4096 }, (_, index) => (index * index * 31 + 128) & 0xff)],
  ['short.gz', gzipSync((HEADER + ALLOC + FREE).repeat(100)).subarray(0, -9)],
  ['short.zst', readFileSync(join(ROOT, 'cases/pgtable/trace.zst')).subarray(0, 100_000)],
  ['negative-order', HEADER + ALLOC + ALLOC.replace('order=0', 'order=-1')],
  ['great-order', HEADER + ALLOC + ALLOC.replace('order=0', 'order=99')],
  // 2^52 pages of 4 KiB are all that 64 bits can address.
  ['great-pfn', HEADER + ALLOC + ALLOC.replace('0x1001', '0x10000000000001')],
  [
    'verbose',
    // kernel/trace/trace_output.c:trace_print_lat_context
    `${HEADER}${'            bash     404   0 0 00000000 00000001 [000000fd] 253.001ms (+0.001ms): kfree: call_site=a+0x1/0x2 ptr=0000000012345678\n'.repeat(2)}`,
  ],
  ['killed.dat.cpu0', ringBufferPages()],
  ['page.html', '<!DOCTYPE html>\n<html><body>nothing</body></html>\n'],
  ['dmesg', '[    0.000000] Linux version 6.18.0\n[    1.250000] Run /sbin/init as init process\n'],
  ['sched', `${HEADER}  bash-404 [000] d..2.  0.960520: sched_switch: prev_comm=bash prev_pid=404 ==> next_comm=a\n`],
  ['no-events', '# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:1\n'],
  // The beginnings of files: trace-cmd.dat(5), tools/perf/Documentation/perf.data-file-format.txt, APPNOTE.TXT of zip.
  ['trace.dat', '\x17\x08\x44tracing6\0\0\x08\x10\0\0'],
  ['perf.data', 'PERFILE2\x68\0\0\0\0\0\0\0'],
  ['trace.zip', 'PK\x03\x04\x14\0\0\0\x08\0'],
  ['misspelt.json', '{"name": "x", "rules": [{"match": {"clas": "vmalloc"}, "action": "skip"}]}'],
  ['negative.json', '{"name": "x", "rules": [{"match": {"order": -1}, "action": "skip"}]}'],
  ['cut.json', '{"name": "x", "rules": ['],
]);

/** Two pages of 4 KiB with a record of 8 bytes each (include/linux/ring_buffer.h; struct buffer_data_page). */
function ringBufferPages(): Uint8Array {
  const view = new DataView(new ArrayBuffer(8192));
  for (const [index, stamp] of [3_000_000_000n, 3_000_001_000n].entries()) {
    view.setBigUint64(index * 4096, stamp, true);
    view.setBigUint64(index * 4096 + 8, 12n, true);
    view.setUint32(index * 4096 + 16, 2, true);
  }
  return new Uint8Array(view.buffer);
}

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-refusals-'));
  for (const [name, content] of FILES) {
    writeFileSync(join(folder, name), typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
  }
  mkdirSync(join(folder, 'folder'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Words of a command line; those in angle brackets are files of the folder. */
const wordsOf = (line: string): string[] =>
  line.split(' ').map((word) => word.replace(/^<(.*)>$/, (_, name: string) => join(folder, name)));

type Case = readonly [words: string, found: string, advice: string];

async function refuses(code: number, [line, found, advice]: Case): Promise<void> {
  const ended = await tagscope(wordsOf(line));
  expect(ended.stderr).toMatch(/^tagscope: /);
  expect(ended.stderr.trimEnd(), 'one paragraph').not.toContain('\n\n');
  expect(ended.stderr, 'no stack trace').not.toMatch(/^ +at |\.[jt]s:\d+/m);
  const text = unwrapped(ended.stderr);
  expect(text).toContain(found);
  expect(text).toContain(advice);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
}

test('the trace that the others are made from is taken', async () => {
  const { code, stderr } = await tagscope(wordsOf('report <good>'));
  expect([code, stderr]).toEqual([0, '']);
});

describe('input that cannot be used ends with 3, in one paragraph that says what to do', () => {
  test.concurrent.each<Case>([
    ['report <prose>', 'not a trace; it begins with "Dear diary,"', 'trace-cmd record -e kmem'],
    ['report <random>', 'not a trace', 'trace-cmd record'],
    ['report <empty>', 'it is empty', 'record again'],
    ['report <folder>', 'a directory', 'Give the files in it'],
    ['report <missing>', 'no such file', 'Check the path'],
    ['diff <good> <missing>', 'no such file', 'Check the path'],
    ['report <short.gz>', 'gzip data that are cut short', 'Copy the file again'],
    ['report <short.zst>', 'zstd data that are cut short', 'Copy the file again'],
    ['report <negative-order> --strict', 'line 4, byte 188: found', 'an order from 0 to 15'],
    ['report <great-order> --strict', 'line 4, byte 188: found', 'an order from 0 to 15'],
    ['report <great-pfn> --strict', 'line 4, byte 188: found', 'below 2^52'],
    ['report <verbose>', '2 lines or records, none of which can be read; the first is "bash 404', 'options/verbose'],
    ['report <killed.dat.cpu0>', 'pages of the ring buffer of one CPU', 'trace-cmd restore -o trace.dat'],
    ['report <page.html>', 'a page of HTML without ftrace text', 'Give the trace that the page was made from'],
    ['report <dmesg>', 'without a dump of the ftrace buffer', 'ftrace_dump_on_oops'],
    ['report <sched>', 'without allocations (it has sched_switch)', 'trace-cmd record -e kmem'],
    ['report <no-events>', 'without any event', 'trace-cmd record -e kmem'],
    ['report <trace.dat>', 'byte 14: found 3 bytes and the end; expected page size: 4 bytes', 'copy it again'],
    ['report <perf.data>', 'byte 8: found a header of 104 bytes', 'copy it again'],
    ['report <trace.zip>', 'a zip archive', 'unzip -t'],
    ['report <good> --policy <misspelt.json>', 'rules[0].match.clas: found the unknown key "clas"', 'class, site'],
    ['report <good> --policy <negative.json>', 'rules[0].match.order: found -1', 'a whole number from 0 to 15'],
    ['report <good> --policy <cut.json>', 'line 1, column 25: found the end of the file', 'docs/adding-a-policy.md'],
    ['report <good> --policy <missing.json>', 'no such file', 'Check the path'],
    ['accuracy <folder>', 'no such file', 'Check the path'],
  ])('%s', (...given) => refuses(3, given));
});

describe('a command line that makes no sense ends with 2', () => {
  test.concurrent.each<Case>([
    ['report <good> --policy serie', 'unknown policy "serie"', 'before-series, series-v1, series'],
    ['report <good> --cpu cortex-a711', 'unknown CPU "cortex-a711"', 'neoverse-n2'],
    ['report <good> --polcy series', "unknown option '--polcy'", 'Did you mean --policy?'],
    ['report <good> --dcblock 64', "unknown option '--dcblock'", 'Did you mean --dc-block?'],
    ['report <good> --since 2 --until 1', '--since 2 is not before --until 1', 'seconds on the clock of the trace'],
    ['report <good> --dc-block 100', '--dc-block 100', 'power of two'],
    ['report <good> --page-size 8k', '--page-size 8k: unknown', '4k, 16k, 64k'],
    ['report <good> --cmdline kasan.vmaloc=off', 'unknown parameter "kasan.vmaloc"', 'kasan.vmalloc'],
    ['reprot <good>', "unknown command 'reprot'", 'Did you mean report?'],
    ['report', "missing required argument 'trace'", '--help'],
    ['diff <good> <good> <good>', '3 are given', '--with'],
  ])('%s', (...given) => refuses(2, given));
});
