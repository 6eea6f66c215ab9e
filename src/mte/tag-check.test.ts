import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_FAULT, TagChecks, type Access, type CheckedMemory, type TagCheckFault } from './tag-check.ts';
import { pointer } from './pointer.ts';

const ADDRESS = 0x1000;

/** Memory of one tag, but for one granule with another. */
const memory = (tag: number, oddGranule = -1, oddTag = 0xfe): CheckedMemory => ({
  isTagged: () => true,
  tagAt: (address) => (Math.floor(address / 16) * 16 === oddGranule ? oddTag : tag),
});

type Outcome = 'fault' | 'later' | 'unchecked';

function outcome(tcf: TagCheckFault, storeOnly: boolean, kind: Access, tag = 0xf3): Outcome {
  const checks = new TagChecks(memory(0xfe), { tcf, storeOnly });
  const fault = checks.access(pointer(tag, ADDRESS), 8, kind);
  if (fault !== NO_FAULT) {
    expect(checks.takeTfsr()).toBe(false);
    return 'fault';
  }
  return checks.takeTfsr() ? 'later' : 'unchecked';
}

describe('a mismatch (checks_and_reports.md section 1, table; mte.md section 3)', () => {
  test.each<readonly [Access, TagCheckFault, all: Outcome, storeOnly: Outcome]>([
    ['read', 'sync', 'fault', 'unchecked'],
    ['write', 'sync', 'fault', 'fault'],
    ['atomic', 'sync', 'fault', 'fault'],
    ['read', 'async', 'later', 'unchecked'],
    ['write', 'async', 'later', 'later'],
    ['atomic', 'async', 'later', 'later'],
    ['read', 'asymm', 'fault', 'unchecked'],
    ['write', 'asymm', 'later', 'later'],
    ['atomic', 'asymm', 'fault', 'later'],
    ['compare-and-swap', 'sync', 'fault', 'fault'],
    ['compare-and-swap', 'async', 'later', 'later'],
    ['compare-and-swap', 'asymm', 'later', 'later'],
    ['read', 'none', 'unchecked', 'unchecked'],
    ['write', 'none', 'unchecked', 'unchecked'],
  ])('%s in mode %s', (kind, tcf, all, storeOnly) => {
    expect(outcome(tcf, false, kind)).toBe(all);
    expect(outcome(tcf, true, kind)).toBe(storeOnly);
  });

  test('TFSR_EL1 is cleared by whoever looks at it, and says only that something happened', () => {
    const checks = new TagChecks(memory(0xfe), { tcf: 'async', storeOnly: false });
    checks.access(pointer(0xf3, ADDRESS), 1, 'write');
    checks.access(pointer(0xf3, ADDRESS), 1, 'write');
    expect([checks.takeTfsr(), checks.takeTfsr()]).toEqual([true, false]);
  });

  test('with PSTATE.TCO set nothing is checked', () => {
    const checks = new TagChecks(memory(0xfe), { tcf: 'sync', storeOnly: false });
    checks.tco = true;
    expect(checks.access(pointer(0xf3, ADDRESS), 1, 'write')).toBe(NO_FAULT);
  });
});

const tags = fc.integer({ min: 0xf0, max: 0xff });
const kinds = fc.constantFrom<Access>('read', 'write', 'atomic', 'compare-and-swap');
const modes = fc.constantFrom<TagCheckFault>('none', 'sync', 'async', 'asymm');

describe('any access', () => {
  test('through a match-all pointer never faults and leaves no trace, whatever the memory tag (TCMA1)', () => {
    fc.assert(
      fc.property(tags, kinds, modes, fc.integer({ min: 1, max: 200 }), (tag, kind, tcf, size) => {
        const checks = new TagChecks(memory(tag), { tcf, storeOnly: false });
        expect(checks.access(pointer(0xff, ADDRESS), size, kind)).toBe(NO_FAULT);
        expect(checks.takeTfsr()).toBe(false);
      }),
    );
  });

  test('there is no match-all memory tag: 0xF in memory is matched by 0xFF only (kunit.md, match_all_mem_tag)', () => {
    const checks = new TagChecks(memory(0xff), { tcf: 'sync', storeOnly: false });
    for (let tag = 0xf0; tag < 0xff; tag++) expect(checks.access(pointer(tag, ADDRESS), 1, 'read')).toBe(ADDRESS);
  });

  test('to memory that is not mapped Tagged is not checked', () => {
    const untagged: CheckedMemory = { isTagged: () => false, tagAt: () => 0xfe };
    const checks = new TagChecks(untagged, { tcf: 'sync', storeOnly: false });
    expect(checks.access(pointer(0xf3, ADDRESS), 64, 'write')).toBe(NO_FAULT);
  });

  test('is checked in every granule that it touches; a later one faults at its beginning', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.integer({ min: 1, max: 100 }), fc.nat(12), (offset, size, odd) => {
        const granule = ADDRESS + 16 * odd;
        const checks = new TagChecks(memory(0xf3, granule), { tcf: 'sync', storeOnly: false });
        const from = ADDRESS + offset;
        const touches = from < granule + 16 && from + size > granule;
        expect(checks.access(pointer(0xf3, from), size, 'read')).toBe(touches ? Math.max(from, granule) : NO_FAULT);
      }),
    );
  });
});
