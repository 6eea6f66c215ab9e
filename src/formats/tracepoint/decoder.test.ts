import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { LossLog } from '../../trace/loss-log.ts';
import { KernelSymbols } from '../symbols/kallsyms.ts';
import { Addresses } from './addresses.ts';
import { TracepointDecoder } from './decoder.ts';
import { parseEventFormat, type EventFormat } from './event-format.ts';
import { formatIn, formatText, type Field } from './formats.testdata.ts';

const ARM64 = readFileSync(new URL('../../../cases/tracepoint/arm64-7.3.formats', import.meta.url), 'utf8');
const SYMBOLS = new KernelSymbols(new TextEncoder().encode('ffff800080012340 t copy_process\n'));

/** A record of so many bytes whose rest is `filler`, because the kernel does not clear what lies between fields. */
function record(bytes: number, filler: number, fields: (view: DataView) => void): Uint8Array {
  const data = new Uint8Array(bytes).fill(filler);
  fields(new DataView(data.buffer));
  return data;
}

function readAll(format: EventFormat | undefined, records: readonly Uint8Array[], strict = false): EventTable {
  if (format === undefined) throw new Error('no format');
  const builder = new EventTableBuilder();
  const log = new LossLog('test', strict);
  const decoder = new TracepointDecoder(builder, log, new Addresses(SYMBOLS, log.losses));
  const tracepoint = decoder.add(format);
  const origin = builder.addOrigin({ comm: 'a', pid: 1, cpu: 0, softirq: false, hardirq: false });
  for (const [index, data] of records.entries()) {
    decoder.read(tracepoint, data, new DataView(data.buffer), 0, data.length, index, origin, index * 1000);
  }
  return builder.finish({
    byType: decoder.counts(),
    totalEvents: tracepoint.count,
    baseSeconds: 0,
    losses: log.losses,
  });
}

const kmalloc = (filler: number, ptr: bigint, gfp = 0xcc0n, bytes = 300n): Uint8Array =>
  record(52, filler, (view) => {
    view.setBigUint64(8, 0xffff800080012350n, true);
    view.setBigUint64(16, ptr, true);
    view.setBigUint64(24, bytes, true);
    view.setBigUint64(32, 512n, true);
    view.setBigUint64(40, gfp, true);
  });

describe('events of 7.3 on arm64', () => {
  test('kmalloc: its site by name, its flags as that kernel prints them', () => {
    const [event] = dumpEvents(readAll(formatIn(ARM64, 'kmalloc'), [kmalloc(0, 0xf5ff000000d6ee40n, 0x2000dc0n)]));
    expect(event).toMatchObject({ type: 'kmalloc', key: '0xf5ff000000d6ee40' });
    expect(event.shape).toMatchObject({
      callSite: 'copy_process',
      bytesReq: 300,
      bytesAlloc: 512,
      gfp: 'GFP_KERNEL|__GFP_ZERO|__GFP_SKIP_KASAN',
    });
  });

  test('kmem_cache_alloc: the name of the cache is where the record says', () => {
    const alloc = record(76, 0xaa, (view) => {
      view.setBigUint64(8, 0xffff8000a0099990n, true);
      view.setBigUint64(16, 0xf8ff000000da8580n, true);
      view.setUint32(24, (12 << 16) | 61, true);
      view.setBigUint64(32, 704n, true);
      view.setBigUint64(40, 704n, true);
      view.setBigUint64(48, 0xcc0n, true);
      new Uint8Array(view.buffer).set(new TextEncoder().encode('files_cache\0'), 61);
    });
    const [event] = dumpEvents(readAll(formatIn(ARM64, 'kmem_cache_alloc'), [alloc]));
    // An address without a symbol is shown as the kernel shows it.
    expect(event.shape).toMatchObject({ cache: 'files_cache', bytesReq: 704, callSite: '0xffff8000a0099990' });
  });

  test('mm_page_alloc', () => {
    const alloc = record(36, 0x55, (view) => {
      view.setBigUint64(8, 0x45751n, true);
      view.setUint32(16, 2, true);
      view.setBigUint64(24, 0x400cc0n, true);
      view.setInt32(32, 1, true);
    });
    const [event] = dumpEvents(readAll(formatIn(ARM64, 'mm_page_alloc'), [alloc]));
    expect(event).toMatchObject({
      key: '0x45751',
      shape: { order: 2, migratetype: 1, gfp: 'GFP_KERNEL_ACCOUNT', callSite: '' },
    });
  });

  test('alloc_vmap_area', () => {
    const alloc = record(52, 0, (view) => {
      view.setBigUint64(8, 0xffff800080558000n, true);
      view.setBigUint64(16, 20480n, true);
      view.setBigUint64(24, 32768n, true);
      view.setInt32(48, -12, true);
    });
    const [event] = dumpEvents(readAll(formatIn(ARM64, 'alloc_vmap_area'), [alloc]));
    expect(event).toMatchObject({
      key: '0xffff800080558000',
      shape: { areaBytes: 20480, areaAlign: 32768, failed: true },
    });
  });
});

test('what lies between the fields makes no difference: the kernel does not clear it', () => {
  const table = readAll(
    formatIn(ARM64, 'kmalloc'),
    [0, 0x55, 0xff].map((filler) => kmalloc(filler, BigInt(filler))),
  );
  expect(table.shapes).toHaveLength(1);
  expect(table.length).toBe(3);
});

test('fields are found by name: any order and size gives the same event', () => {
  const names = ['call_site', 'ptr', 'bytes_req', 'bytes_alloc', 'gfp_flags'];
  const values = [0x80012350n, 0x1000n, 300n, 512n, 0xcc0n];
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
      fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      (order, wide) => {
        const fields: Field[] = [];
        let at = 8;
        const data = record(64, 0, (view) => {
          for (const field of order) {
            const size = wide[field] ? 8 : 4;
            fields.push([`unsigned long ${names[field]}`, at, size]);
            if (wide[field]) view.setBigUint64(at, values[field], true);
            else view.setUint32(at, Number(values[field]), true);
            at += size;
          }
        });
        const [event] = dumpEvents(readAll(parseEventFormat(formatText('kmalloc', 9, fields)), [data]));
        expect(event.key).toBe('0x1000');
        expect(event.shape).toMatchObject({ bytesReq: 300, bytesAlloc: 512, gfp: '0xcc0', callSite: '0x80012350' });
      },
    ),
  );
});

describe('records that cannot be read', () => {
  const losses = (format: EventFormat | undefined, data: Uint8Array) => readAll(format, [data]).losses;

  test('one that is too short is counted and shown', () => {
    const cut = kmalloc(0, 1n).slice(0, 40);
    expect(losses(formatIn(ARM64, 'kmalloc'), cut)).toMatchObject({
      truncatedLines: 1,
      samples: [{ line: 0, offset: 0, expected: 'kmalloc of at least 48 bytes' }],
    });
    expect(() => readAll(formatIn(ARM64, 'kmalloc'), [cut], true)).toThrow('test, byte 0: found "40 bytes: 00 00');
  });

  test('the name of a cache that is outside of the record', () => {
    const alloc = record(76, 0, (view) => view.setUint32(24, (100 << 16) | 61, true));
    expect(losses(formatIn(ARM64, 'kmem_cache_alloc'), alloc).samples[0].expected).toContain('name of a slab cache');
  });

  test('a size that no object has', () => {
    expect(losses(formatIn(ARM64, 'kmalloc'), kmalloc(0, 1n, 0n, 2n ** 60n))).toMatchObject({ truncatedLines: 1 });
  });

  test('a format that has neither the pfn nor a way to it', () => {
    const old = parseEventFormat(formatText('mm_page_free', 3, [['struct page * page', 8, 8]]));
    expect(losses(old, new Uint8Array(40)).samples[0].expected).toBe(
      'a pfn, or a print format of mm_page_free that gives one',
    );
  });

  test('an order or a pfn that no machine has', () => {
    const format = formatIn(ARM64, 'mm_page_free');
    expect(losses(format, pageFree(1n, 16)).samples[0].expected).toBe('an order from 0 to 15');
    expect(losses(format, pageFree(2n ** 52n, 0)).samples[0].expected).toBe('a page frame number below 2^52');
    expect(losses(format, pageFree(2n ** 52n - 1n, 15)).truncatedLines).toBe(0);
    // A failed allocation has no page: all ones.
    expect(losses(format, pageFree(2n ** 64n - 1n, 0)).truncatedLines).toBe(0);
  });
});

/** A record of mm_page_free. */
const pageFree = (key: bigint, order: number): Uint8Array =>
  record(20, 0, (view) => {
    view.setBigUint64(8, key, true);
    view.setUint32(16, order, true);
  });

describe('a record with the address of a page (up to 4.0)', () => {
  const format = parseEventFormat(
    formatText(
      'mm_page_free',
      3,
      [
        ['struct page * page', 8, 8],
        ['unsigned int order', 16, 4],
      ],
      '"page=%p pfn=%lu order=%d", REC->page, REC->page ? (unsigned long)((REC->page) - ((struct page *)0xffffffbc00000000UL)) : 0, REC->order',
    ),
  );

  test.each([
    ['the distance from the first page, as trace-cmd prints it', 0xffff_ffbc_0000_1000n, '0x1000'],
    ['across 32 bits', 0xffff_ffbd_0000_0fc0n, '0x100000fc0'],
    ['no page', 0n, '0x0'],
  ])('%s', (_name, address, key) => {
    expect(dumpEvents(readAll(format, [pageFree(address, 0)]))).toMatchObject([{ key }]);
  });

  test('an address below the first page is lost', () => {
    expect(readAll(format, [pageFree(0xffff_ff00_0000_0000n, 0)]).losses.truncatedLines).toBe(1);
  });
});

test('events that are not kept are counted', () => {
  const table = readAll(formatIn(ARM64, 'mm_page_pcpu_drain'), [new Uint8Array(8), new Uint8Array(24)]);
  expect([table.length, [...table.byType]]).toEqual([0, [['mm_page_pcpu_drain', 2]]]);
});
