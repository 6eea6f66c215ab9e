import { isAtLeast } from '../../base/kernel-version.ts';
import { offsetBy, resetTag, tagOf, type Pointer } from '../../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../../mte/tag-machine.ts';
import type { Expectations, KunitCase } from '../kunit-case.ts';
import type { TestKernel } from '../test-kernel.ts';

const VMALLOC = [['KASAN_VMALLOC', 'y'], 'kasan.vmalloc=on'] as const;

/** Whether a tag is one that allocations get: neither match-all nor below the least one. */
const isAssigned = (k: TestKernel, p: Pointer): boolean => tagOf(p) >= k.minTag && tagOf(p) < KASAN_TAG_KERNEL;

function vmallocOobHelper(k: TestKernel, t: Expectations, p: Pointer, size: number): void {
  k.inside('vmalloc_oob_helper', () => {
    k.write(p);
    k.write(offsetBy(p, size - 1));
    if (k.isGeneric) t.fail('read p[size]', () => k.read(offsetBy(p, size)));
    const end = Math.ceil(size / k.granule) * k.granule;
    t.failRead('read p[size rounded up]', () => k.read(offsetBy(p, end)));
  });
}

/** The first and the last eight tags of the software mode, all of the hardware mode. */
function memoryTags(k: TestKernel): readonly number[] {
  const all = Array.from({ length: KASAN_TAG_KERNEL - k.minTag + 1 }, (_, index) => k.minTag + index);
  return all.length > 16 ? [...all.slice(0, 8), ...all.slice(-8)] : all;
}

const RANDOM_ALLOCATIONS = 256;

/** vmalloc_oob tries vrealloc too. 6.12 does not, and 7.3 does. */
const VREALLOC_TESTED = { major: 7, minor: 0 };

export const VMALLOC_CASES: readonly KunitCase[] = [
  {
    name: 'vmalloc_helpers_tags',
    requires: [['KASAN_GENERIC', 'n'], ...VMALLOC],
    run(k, t) {
      const p = k.vmalloc(k.pageSize);
      t.expect('the pointer has a tag that is assigned', isAssigned(k, p));
      t.expect('it is a vmalloc address', k.is_vmalloc_addr(p));
      t.expect('its page is found', k.vmalloc_to_page(p) !== undefined);
      k.vfree(p);
    },
  },
  {
    name: 'vmalloc_oob',
    requires: VMALLOC,
    run(k, t) {
      const size = k.pageSize / 2 - k.granule - 5;
      let p = k.vmalloc(size);
      vmallocOobHelper(k, t, p, size);
      const changes = isAtLeast(k.config.version, VREALLOC_TESTED) ? [size - k.granule - 1, size + k.granule + 1] : [];
      for (const changed of changes) {
        const moved = k.vrealloc(p, changed);
        t.assert('vrealloc gives memory', moved !== undefined);
        if (moved === undefined) return;
        p = moved;
        vmallocOobHelper(k, t, p, changed);
      }
      const page = k.vmalloc_to_page(p);
      t.assert('its page is found', page !== undefined);
      if (page !== undefined) k.write(k.page_address(page));
      k.vfree(p);
    },
  },
  ...(
    [
      ['vmap_tags', 'vmap'],
      ['vm_map_ram_tags', 'vm_map_ram'],
    ] as const
  ).map(([name, map]): KunitCase => ({
    name,
    requires: [
      ['KASAN_SW_TAGS', 'y'],
      ['KASAN_VMALLOC', 'y'],
    ],
    run(k, t) {
      const page = k.alloc_pages(1);
      const p = k.page_address(page);
      const mapped = k[map](page);
      t.expect('the mapping has a tag that is assigned', isAssigned(k, mapped));
      k.write(p);
      k.write(mapped);
      t.expect('the mapping leads to the page', k.vmalloc_to_page(mapped) === page);
      k.vunmap(mapped);
      k.free_pages(page);
    },
  })),
];

export const MATCH_ALL_CASES: readonly KunitCase[] = [
  {
    name: 'match_all_not_assigned',
    requires: [['KASAN_GENERIC', 'n']],
    run(k, t) {
      let assigned = true;
      for (let n = 0; n < RANDOM_ALLOCATIONS; n++) {
        const p = k.kmalloc(1 + k.random(1024));
        assigned &&= isAssigned(k, p);
        k.kfree(p);
      }
      t.expect('every kmalloc has a tag that is assigned', assigned);
      for (let n = 0; n < RANDOM_ALLOCATIONS; n++) {
        const page = k.alloc_pages(1 + k.random(4));
        assigned &&= isAssigned(k, k.page_address(page));
        k.free_pages(page);
      }
      t.expect('every block of pages has one', assigned);
      if (!k.vmallocIsTagged) return;
      for (let n = 0; n < RANDOM_ALLOCATIONS; n++) {
        const p = k.vmalloc(1 + k.random(1024));
        assigned &&= isAssigned(k, p);
        k.vfree(p);
      }
      t.expect('every vmalloc has one', assigned);
    },
  },
  {
    name: 'match_all_ptr_tag',
    requires: [['KASAN_GENERIC', 'n']],
    run(k, t) {
      const p = k.kmalloc(128);
      t.expect('the pointer has a tag', tagOf(p) !== KASAN_TAG_KERNEL);
      k.write(resetTag(p));
      k.kfree(p);
    },
  },
  {
    name: 'match_all_mem_tag',
    requires: [['KASAN_GENERIC', 'n']],
    run(k, t) {
      const p = k.kmalloc(128);
      for (const tag of memoryTags(k)) {
        if (tag === tagOf(p)) continue;
        k.poison(p, k.granule, tag);
        t.fail(`write *p with memory tag ${tag.toString(16)}`, () => k.write(p));
      }
      k.poison(p, k.granule, tagOf(p));
      k.kfree(p);
    },
  },
];
