import { describe, expect, test } from 'vitest';
import { realLog } from '../../../test/real-logs.testdata.ts';
import { VMALLOC_START } from '../../mte/address-space.ts';
import { pointer } from '../../mte/pointer.ts';
import { StackRing } from '../stack-ring.ts';
import type { AddressInfo } from './address-info.ts';
import { addressText, formatReport } from './format.ts';
import { kernelAddress } from './kernel-address.ts';
import { parseReports } from './parse.ts';
import { HW_TAGS_REPORTS } from './report-rules.ts';
import type { KasanReport } from './report.ts';
import { KasanReporter, KernelPanic, type FaultParameter, type ReporterOptions } from './reporter.ts';

const OBJECT = 0x1000;

/** One object of 128 bytes, 100 of them in use, with tag f3; all other memory is poisoned. */
const INFO: AddressInfo = {
  hasMetadata: (address) => address < 1 << 20,
  metadata: (address) => (address >= OBJECT && address < OBJECT + 112 ? 0xf3 : 0xfe),
  objectAt: () => ({ address: OBJECT, cacheName: 'kmalloc-128', objectSize: 128 }),
  areaAt: () => undefined,
  pageAt: () => undefined,
};

function reporter(changes: Partial<ReporterOptions> = {}) {
  const reports: KasanReport[] = [];
  const ring = new StackRing(8);
  const made = new KasanReporter({
    rules: HW_TAGS_REPORTS,
    info: INFO,
    ring: () => ring,
    fault: 'report',
    multiShot: false,
    running: () => ({ cpu: 0, pid: 34, comm: 'kunit_try_catch', frames: ['f'] }),
    release: '7.3.4 #1 PREEMPTLAZY  ',
    hardware: 'linux,dummy-virt (DT)',
    test: true,
    emit: (report) => reports.push(report()),
    ...changes,
  });
  return { made, reports, ring };
}

const P = pointer(0xf3, OBJECT + 112);

describe('whether something is reported (checks_and_reports.md section 3)', () => {
  test('the first report only; all of them with kasan_multi_shot, or while KUnit runs', () => {
    const once = reporter();
    expect([0, 1].map(() => once.made.kasan_report(P, 0, true, 'f'))).toEqual([true, false]);
    once.made.kasan_report_invalid_free(P, 'double-free', 'kfree');
    once.made.kasan_report_async();
    expect(once.reports.length).toBe(1);
    once.made.multiShot = true;
    expect(once.made.kasan_report(P, 0, true, 'f')).toBe(true);

    const all = reporter({ multiShot: true });
    expect([0, 1].map(() => all.made.kasan_report(P, 0, true, 'f'))).toEqual([true, true]);
  });

  test.each<readonly [FaultParameter, string, boolean]>([
    ['report', 'read', false],
    ['report', 'write', false],
    ['panic', 'read', true],
    ['panic', 'write', true],
    ['panic_on_write', 'read', false],
    ['panic_on_write', 'write', true],
    ['panic_on_write', 'free', true],
    ['panic_on_write', 'async', true],
  ])('kasan.fault=%s at a %s: the kernel stops after the report: %s', (fault, what, stops) => {
    const { made, reports } = reporter({ fault });
    const report = (): void => {
      if (what === 'free') made.kasan_report_invalid_free(P, 'double-free', 'kfree');
      else if (what === 'async') made.kasan_report_async();
      else made.kasan_report(P, 0, what === 'write', 'f');
    };
    if (stops) expect(report).toThrow(new KernelPanic(`Kernel panic - not syncing: kasan.fault=${fault} set ...`));
    else report();
    expect(reports.length).toBe(1);
  });
});

describe('what a report says', () => {
  const [firstReal, secondReal] = parseReports(realLog('patched-sync-max')).reports.map(({ report }) => report);

  test('who ran, and taints: as in the first and the second report of a real run', () => {
    const { made, reports } = reporter({ multiShot: true });
    made.kasan_report(P, 0, true, 'f');
    made.kasan_report(P, 0, true, 'f');
    for (const [index, real] of [firstReal, secondReal].entries()) {
      const dump = { ...reports[index].dump, callTrace: [] };
      const realDump = { ...real.dump, callTrace: [] };
      expect(dump).toEqual(realDump);
    }
  });

  test('the object by its metadata: 112 bytes of a kmalloc(100), and the granule behind them is guilty', () => {
    const { made, reports, ring } = reporter();
    ring.save_stack_info(pointer(0xf3, OBJECT), 128, 34, ['__kasan_kmalloc'], false);
    made.kasan_report(P, 0, true, 'kmalloc_oob_right');
    expect(reports[0]).toMatchObject({
      bugType: 'slab-out-of-bounds',
      tags: { pointer: 0xf3, memory: 0xfe },
      allocated: { pid: 34, frames: ['__kasan_kmalloc'] },
      freed: undefined,
      object: { position: 'to the right', distance: 0, regionSize: 112 },
      memory: { guilty: 7 },
    });
    expect(formatReport(reports[0])).toContain('>ffff000000001000: f3 f3 f3 f3 f3 f3 f3 fe fe fe fe fe fe fe fe fe');
  });

  test.each([
    [-1, 'to the left', 1],
    [0, 'inside', 0],
    [111, 'inside', 111],
    [112, 'to the right', 0],
    [127, 'to the right', 15],
  ])('%i bytes from the object: %s', (offset, position, distance) => {
    const { made, reports } = reporter();
    made.kasan_report(pointer(0xf4, OBJECT + offset), 0, true, 'f');
    expect(reports[0]).toMatchObject({ object: { position, distance } });
  });

  test('an address without metadata has a stack dump and nothing else', () => {
    const { made, reports } = reporter();
    made.kasan_report(pointer(0xf3, 1 << 21), 0, false, 'f');
    expect(Object.keys(reports[0]).toSorted()).toEqual(['access', 'bugType', 'dump', 'kind', 'symbol']);
  });

  test('what is written is read back the same', () => {
    const { made, reports } = reporter({ multiShot: true });
    made.kasan_report(P, 0, true, 'f');
    made.kasan_report_invalid_free(P, 'invalid-free', 'kfree');
    made.kasan_report(P, 1, false, 'ksize');
    made.kasan_report(pointer(0xf3, 1 << 21), 0, false, 'f');
    made.kasan_report_async();
    const text = reports.flatMap(formatReport);
    const again = parseReports(text);
    expect(again.broken).toEqual([]);
    expect(again.reports.flatMap(({ report }) => formatReport(report))).toEqual(text);
  });
});

describe('addresses as a kernel with 48-bit addresses prints them', () => {
  test.each([
    [pointer(0xf5, 0xf49070), 'f5ff000000f49070'],
    [pointer(0xff, 0xf49070), 'ffff000000f49070'],
    [pointer(0xf4, VMALLOC_START + 0x9937f0), 'f4ff8000809937f0'],
    [pointer(0x00, 0x1000), '00ff000000001000'],
  ])('%d', (p, text) => {
    expect(addressText(kernelAddress(p))).toBe(text);
  });
});
