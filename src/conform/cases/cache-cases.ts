import { offsetBy } from '../../mte/pointer.ts';
import type { KunitCase } from '../kunit-case.ts';
import type { MempoolElements, TestKernel } from '../test-kernel.ts';

/** Bytes of `test_cache`, the cache that the kernel's tests make. */
const CACHE_SIZE = 200;

export const CACHE_CASES: readonly KunitCase[] = [
  {
    name: 'kmem_cache_oob',
    run(k, t) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE);
      const p = k.kmem_cache_alloc(cache);
      const beyond = offsetBy(p, CACHE_SIZE + k.oobTagOff);
      t.failRead('read p[size + OOB_TAG_OFF]', () => k.read(beyond), beyond);
      k.kmem_cache_free(cache, p);
      k.kmem_cache_destroy(cache);
    },
  },
  {
    name: 'kmem_cache_double_free',
    run(k, t) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE);
      const p = k.kmem_cache_alloc(cache);
      k.kmem_cache_free(cache, p);
      t.fail('kmem_cache_free(p) once more', () => k.kmem_cache_free(cache, p));
      k.kmem_cache_destroy(cache);
    },
  },
  {
    name: 'kmem_cache_invalid_free',
    run(k, t) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE, { typesafeByRcu: true });
      const p = k.kmem_cache_alloc(cache);
      t.fail('kmem_cache_free(p + 1)', () => k.kmem_cache_free(cache, offsetBy(p, 1)));
      k.kmem_cache_free(cache, p);
      k.kmem_cache_destroy(cache);
    },
  },
  {
    name: 'kmem_cache_rcu_uaf',
    requires: [['SLUB_RCU_DEBUG', 'y']],
    run(k, t) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE, { typesafeByRcu: true });
      const p = k.kmem_cache_alloc(cache);
      k.write(p);
      k.kmem_cache_free(cache, p);
      // Inside the RCU reader the object is still there.
      k.read(p);
      k.rcu_barrier();
      t.failRead('read *p after the grace period', () => k.read(p));
      k.kmem_cache_destroy(cache);
    },
  },
  {
    name: 'kmem_cache_rcu_reuse',
    since: { major: 6, minor: 18 },
    requires: [['SLUB_RCU_DEBUG', 'n']],
    run(k, t) {
      const cache = k.kmem_cache_create('test_cache', 16, { typesafeByRcu: true });
      const p = k.kmem_cache_alloc(cache);
      k.kmem_cache_free(cache, p);
      const p2 = k.kmem_cache_alloc(cache);
      t.expect('the object comes back, with the same tag', p === p2);
      k.kmem_cache_free(cache, p2);
      k.kmem_cache_destroy(cache);
    },
  },
  {
    name: 'kmem_cache_double_destroy',
    run(k, t) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE);
      k.kmem_cache_destroy(cache);
      t.fail('kmem_cache_destroy once more', () => k.kmem_cache_destroy(cache));
    },
  },
  {
    name: 'kmem_cache_accounted',
    run(k) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE);
      for (let n = 0; n < 5; n++) k.kmem_cache_free(cache, k.kmem_cache_alloc(cache));
      k.kmem_cache_destroy(cache);
    },
  },
  {
    name: 'kmem_cache_bulk',
    run(k) {
      const cache = k.kmem_cache_create('test_cache', CACHE_SIZE);
      const all = Array.from({ length: 10 }, () => k.kmem_cache_alloc(cache));
      for (const p of all) {
        k.write(p);
        k.write(offsetBy(p, CACHE_SIZE - 1));
      }
      for (const p of all) k.kmem_cache_free(cache, p);
      k.kmem_cache_destroy(cache);
    },
  },
];

const MEMPOOL_SIZE = 4;
/** Bytes of the kernel's mempool_slab tests. */
const SLAB_ELEMENT = 123;
const PAGES: MempoolElements = { kind: 'pages', order: 2 };
const kmalloc = (size: number): MempoolElements => ({ kind: 'kmalloc', size });
const slab = (k: TestKernel): MempoolElements => ({
  kind: 'slab',
  cache: k.kmem_cache_create('test_cache', SLAB_ELEMENT),
});

type Elements = (k: TestKernel) => MempoolElements;

/** One element is taken out, so that the pool has room for what is freed into it. */
const poolWithRoom = (k: TestKernel, elements: Elements) => {
  const pool = k.mempool_create(MEMPOOL_SIZE, elements(k));
  const extra = k.mempool_alloc_preallocated(pool);
  return { pool, extra };
};

/** An element is read behind its end: generic KASAN sees the first byte, tags the granule that is beyond. */
const oobRight = (name: string, elements: Elements, size: (k: TestKernel) => number): KunitCase => ({
  name: `${name}_oob_right`,
  run(k, t) {
    const { pool, extra } = poolWithRoom(k, elements);
    k.inside('mempool_oob_right_helper', () => {
      const p = k.mempool_alloc_preallocated(pool);
      const at = k.isGeneric ? size(k) : Math.ceil(size(k) / k.granule) * k.granule;
      const step = k.isGeneric ? t.fail : t.failRead;
      step('read behind the element', () => k.read(offsetBy(p, at)), offsetBy(p, at));
      k.mempool_free(p, pool);
    });
    k.mempool_free(extra, pool);
  },
});

const uaf = (name: string, elements: Elements): KunitCase => ({
  name: `${name}_uaf`,
  run(k, t) {
    const { pool, extra } = poolWithRoom(k, elements);
    k.inside('mempool_uaf_helper', () => {
      const p = k.mempool_alloc_preallocated(pool);
      k.mempool_free(p, pool);
      t.failRead('read elem[0] after mempool_free', () => k.read(p));
    });
    k.mempool_free(extra, pool);
  },
});

const doubleFree = (name: string, elements: Elements): KunitCase => ({
  name: `${name}_double_free`,
  run(k, t) {
    const { pool, extra } = poolWithRoom(k, elements);
    const p = k.mempool_alloc_preallocated(pool);
    k.mempool_free(p, pool);
    t.fail('mempool_free(elem) once more', () => k.mempool_free(p, pool));
    k.mempool_free(extra, pool);
  },
});

const invalidFree = (name: string, elements: Elements): KunitCase => ({
  name: `${name}_invalid_free`,
  run(k, t) {
    const { pool, extra } = poolWithRoom(k, elements);
    const p = k.mempool_alloc_preallocated(pool);
    t.fail('mempool_free(elem + 1)', () => k.mempool_free(offsetBy(p, 1), pool));
    k.mempool_free(p, pool);
    k.mempool_free(extra, pool);
  },
});

const LARGE: Elements = (k) => kmalloc(k.kmallocMaxCacheSize + 1);

export const MEMPOOL_CASES: readonly KunitCase[] = [
  oobRight(
    'mempool_kmalloc',
    (k) => kmalloc(128 - k.granule - 5),
    (k) => 128 - k.granule - 5,
  ),
  oobRight('mempool_kmalloc_large', LARGE, (k) => k.kmallocMaxCacheSize + 1),
  oobRight('mempool_slab', slab, () => SLAB_ELEMENT),
  uaf('mempool_kmalloc', () => kmalloc(128)),
  uaf('mempool_kmalloc_large', LARGE),
  uaf('mempool_slab', slab),
  uaf('mempool_page_alloc', () => PAGES),
  doubleFree('mempool_kmalloc', () => kmalloc(128)),
  doubleFree('mempool_kmalloc_large', LARGE),
  doubleFree('mempool_page_alloc', () => PAGES),
  invalidFree('mempool_kmalloc', () => kmalloc(128)),
  invalidFree('mempool_kmalloc_large', LARGE),
];
