import { offsetBy, resetTag } from '../../mte/pointer.ts';
import type { KunitCase } from '../kunit-case.ts';
import type { TestKernel } from '../test-kernel.ts';

/** Of mem() tests that only generic KASAN notices: the overflow stays in the last granule. */
const GENERIC_ONLY = [['KASAN_GENERIC', 'y']] as const;

/** memset of `length` bytes that begins so that only its last bytes are beyond the object. */
const memsetCase = (length: number): KunitCase => ({
  name: `kmalloc_oob_memset_${length}`,
  run(k, t) {
    const size = 128 - k.granule;
    const p = k.kmalloc(size);
    t.fail(`memset of ${length} bytes from p + ${size - length + 1}`, () =>
      k.memset(offsetBy(p, size - length + 1), length),
    );
    k.kfree(p);
  },
});

export const KMALLOC_CASES: readonly KunitCase[] = [
  {
    name: 'kmalloc_oob_right',
    run(k, t) {
      const size = 128 - k.granule - 5;
      const p = k.kmalloc(size);
      if (k.isGeneric) t.fail('write p[size]', () => k.write(offsetBy(p, size)));
      t.fail('write p[size + 5]', () => k.write(offsetBy(p, size + 5)));
      const beyond = offsetBy(p, size + k.granule + 5);
      t.failRead('read p[size + granule + 5]', () => k.read(beyond), beyond);
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_oob_left',
    run(k, t) {
      const p = k.kmalloc(15);
      t.failRead('read p[-1]', () => k.read(offsetBy(p, -1)), offsetBy(p, -1));
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_node_oob_right',
    run(k, t) {
      const p = k.kmalloc(4096);
      t.failRead('read p[4096]', () => k.read(offsetBy(p, 4096)), offsetBy(p, 4096));
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_track_caller_oob_right',
    since: { major: 6, minor: 13 },
    run(k, t) {
      const size = 128 - k.granule;
      for (const variant of ['kmalloc_track_caller', 'kmalloc_node_track_caller']) {
        const p = k.kmalloc(size);
        t.fail(`write p[size] after ${variant}`, () => k.write(offsetBy(p, size)));
        k.kfree(p);
      }
    },
  },
  {
    name: 'kmalloc_big_oob_right',
    run(k, t) {
      const size = k.kmallocMaxCacheSize - 256;
      const p = k.kmalloc(size);
      t.fail('write p[size]', () => k.write(offsetBy(p, size)));
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_large_oob_right',
    run(k, t) {
      const size = k.kmallocMaxCacheSize + 10;
      const p = k.kmalloc(size);
      t.fail('write p[size + OOB_TAG_OFF]', () => k.write(offsetBy(p, size + k.oobTagOff)));
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_large_uaf',
    run(k, t) {
      const p = k.kmalloc(k.kmallocMaxCacheSize + 10);
      k.kfree(p);
      t.failRead('read p[0] after kfree', () => k.read(p));
    },
  },
  {
    name: 'kmalloc_large_invalid_free',
    run(k, t) {
      const p = k.kmalloc(k.kmallocMaxCacheSize + 10);
      t.fail('kfree(p + 1)', () => k.kfree(offsetBy(p, 1)));
    },
  },
  {
    name: 'page_alloc_oob_right',
    requires: [['KASAN_GENERIC', 'n']],
    run(k, t) {
      const order = 4;
      const page = k.alloc_pages(order);
      const p = k.page_address(page);
      const beyond = offsetBy(p, k.pageSize << order);
      t.failRead('read p[size of the block]', () => k.read(beyond), beyond);
      k.free_pages(page);
    },
  },
  {
    name: 'page_alloc_uaf',
    run(k, t) {
      const page = k.alloc_pages(4);
      const p = k.page_address(page);
      k.free_pages(page);
      t.failRead('read p[0] after free_pages', () => k.read(p));
    },
  },
  ...kreallocCases('krealloc', () => 0),
  ...kreallocCases('krealloc_large', (k) => k.kmallocMaxCacheSize),
  {
    name: 'krealloc_uaf',
    run(k, t) {
      const p = k.kmalloc(201);
      k.kfree(p);
      t.fail('krealloc(p) after kfree', () => t.expect('krealloc gives NULL', k.krealloc(p, 235) === undefined));
      t.failRead('read *p after kfree', () => k.read(p));
    },
  },
  {
    name: 'kmalloc_oob_16',
    requires: GENERIC_ONLY,
    run(k, t) {
      const p1 = k.kmalloc(13);
      const p2 = k.kmalloc(16);
      t.fail('copy 16 bytes into 13', () => k.copyStruct(p1, p2, 16));
      k.kfree(p1);
      k.kfree(p2);
    },
  },
  {
    name: 'kmalloc_uaf_16',
    run(k, t) {
      const p1 = k.kmalloc(16);
      const p2 = k.kmalloc(16);
      k.kfree(p2);
      t.failRead('copy 16 bytes from a freed object', () => k.copyStruct(p1, p2, 16));
      k.kfree(p1);
    },
  },
  {
    name: 'kmalloc_oob_in_memset',
    run(k, t) {
      const size = 128 - k.granule;
      const p = k.kmalloc(size);
      t.fail('memset(p, 0, size + granule)', () => k.memset(p, size + k.granule));
      k.kfree(p);
    },
  },
  ...[2, 4, 8, 16].map(memsetCase),
  {
    name: 'kmalloc_memmove_negative_size',
    requires: [['KASAN_HW_TAGS', 'n']],
    run(k, t) {
      const p = k.kmalloc(64);
      t.fail('memmove(p, p + 4, -2)', () => k.memmove(p, offsetBy(p, 4), -2));
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_memmove_invalid_size',
    run(k, t) {
      const p = k.kmalloc(64);
      t.failRead('memmove(p, p + 4, 64)', () => k.memmove(p, offsetBy(p, 4), 64), offsetBy(p, 64));
      k.kfree(p);
    },
  },
  {
    name: 'kmalloc_uaf',
    run(k, t) {
      const p = k.kmalloc(10);
      k.kfree(p);
      t.failRead('read p[8] after kfree', () => k.read(offsetBy(p, 8)));
    },
  },
  {
    name: 'kmalloc_uaf_memset',
    requires: GENERIC_ONLY,
    run(k, t) {
      const p = k.kmalloc(33);
      k.kfree(p);
      t.fail('memset(p, 0, 33) after kfree', () => k.memset(p, 33));
    },
  },
  {
    name: 'kmalloc_uaf2',
    run(k, t) {
      const size = 43;
      let p1 = k.kmalloc(size);
      k.kfree(p1);
      let p2 = k.kmalloc(size);
      // With tags, the new object may by chance have the tag of the old one; the kernel's test tries again.
      for (let retries = 0; !k.isGeneric && p1 === p2 && retries < 16; retries++) {
        k.kfree(p2);
        p1 = k.kmalloc(size);
        k.kfree(p1);
        p2 = k.kmalloc(size);
      }
      t.failRead('read p1[40] after kfree and a new allocation', () => k.read(offsetBy(p1, 40)));
      t.expect('the new pointer is another one', p1 !== p2);
      k.kfree(p2);
    },
  },
  {
    name: 'kmalloc_uaf3',
    requires: [['KASAN_GENERIC', 'n']],
    run(k, t) {
      const p1 = k.kmalloc(100);
      k.kfree(p1);
      const p2 = k.kmalloc(100);
      k.kfree(p2);
      t.failRead('read p1[8] after two frees', () => k.read(offsetBy(p1, 8)));
    },
  },
  {
    name: 'kmalloc_double_kzfree',
    requires: GENERIC_ONLY,
    // 6.12 does not, and 7.3 does.
    requiresSince: { major: 7, minor: 0 },
    run(k, t) {
      const p = k.kmalloc(16);
      k.kfree_sensitive(p);
      t.fail('kfree_sensitive(p) once more', () => k.kfree_sensitive(p));
    },
  },
  {
    name: 'ksize_unpoisons_memory',
    run(k, t) {
      const size = 128 - k.granule - 5;
      const p = k.kmalloc(size);
      const real = k.ksize(p);
      t.expect('ksize is more than what was asked for', real > size);
      k.write(p);
      k.write(offsetBy(p, size - 1));
      if (k.isGeneric) t.fail('read p[size]', () => k.read(offsetBy(p, size)));
      t.failRead('read p[size + 5]', () => k.read(offsetBy(p, size + 5)));
      t.failRead('read p[ksize - 1]', () => k.read(offsetBy(p, real - 1)));
      k.kfree(p);
    },
  },
  {
    name: 'ksize_uaf',
    run(k, t) {
      const size = 128 - k.granule;
      const p = k.kmalloc(size);
      k.kfree(p);
      t.fail('ksize(p) after kfree', () => k.ksize(p));
      t.failRead('read p[0] after kfree', () => k.read(p));
      t.failRead('read p[size] after kfree', () => k.read(offsetBy(p, size)));
    },
  },
  {
    name: 'rcu_uaf',
    run(k, t) {
      // An int and an rcu_head: 24 bytes.
      const p = k.kmalloc(24);
      t.failRead('read in the callback that freed the object', () => {
        k.call_rcu(() =>
          k.inside('rcu_uaf_reclaim', () => {
            k.kfree(p);
            k.read(p, 4);
          }),
        );
        k.rcu_barrier();
      });
    },
  },
  {
    name: 'workqueue_uaf',
    run(k, t) {
      // struct work_struct without debugging: 32 bytes. Its function frees it.
      const work = k.kmalloc(32);
      k.inside('workqueue_uaf_work', () => k.kfree(work));
      t.failRead('read work->data after the work freed itself', () => k.read(work, 8));
    },
  },
  {
    name: 'kfree_via_page',
    run(k) {
      // page_address has no tag of the object: a slab page has the match-all tag.
      k.kfree(resetTag(k.kmalloc(8)));
    },
  },
  {
    name: 'kfree_via_phys',
    run(k) {
      k.kfree(resetTag(k.kmalloc(8)));
    },
  },
];

/** Sizes between which krealloc goes, in one kmalloc cache, or in one block of pages if added to the largest of them. */
const SMALLER = 201;
const LARGER = 235;

/** krealloc to more and to less. @param base what is added to both sizes */
function kreallocCases(name: string, base: (k: TestKernel) => number): KunitCase[] {
  return [
    {
      name: `${name}_more_oob`,
      run(k, t) {
        k.inside('krealloc_more_oob_helper', () => {
          const [size1, size2] = [base(k) + SMALLER, base(k) + LARGER];
          const middle = size1 + Math.floor((size2 - size1) / 2);
          const p1 = k.kmalloc(size1);
          const p = k.krealloc(p1, size2);
          t.assert('krealloc gives memory', p !== undefined);
          if (p === undefined) return;
          for (const valid of [size1 - 1, size1, middle, size2 - 1]) k.write(offsetBy(p, valid));
          if (k.isGeneric) t.fail('write p[size2]', () => k.write(offsetBy(p, size2)));
          const end = Math.ceil(size2 / k.granule) * k.granule;
          t.fail('write p[size2 rounded up]', () => k.write(offsetBy(p, end)));
          k.kfree(p);
        });
      },
    },
    {
      name: `${name}_less_oob`,
      run(k, t) {
        k.inside('krealloc_less_oob_helper', () => {
          const [size1, size2] = [base(k) + LARGER, base(k) + SMALLER];
          const middle = size2 + Math.floor((size1 - size2) / 2);
          const p1 = k.kmalloc(size1);
          const p = k.krealloc(p1, size2);
          t.assert('krealloc gives memory', p !== undefined);
          if (p === undefined) return;
          k.write(offsetBy(p, size2 - 1));
          if (k.isGeneric) t.fail('write p[size2]', () => k.write(offsetBy(p, size2)));
          const end = Math.ceil(size2 / k.granule) * k.granule;
          t.fail('write p[size2 rounded up]', () => k.write(offsetBy(p, end)));
          t.expect('the middle is beyond the granule of the end', end <= middle);
          t.fail('write p[middle]', () => k.write(offsetBy(p, middle)));
          t.fail('write p[size1 - 1]', () => k.write(offsetBy(p, size1 - 1)));
          t.fail('write p[size1]', () => k.write(offsetBy(p, size1)));
          k.kfree(p);
        });
      },
    },
  ];
}
