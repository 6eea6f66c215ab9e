import { expect, test } from 'vitest';
import { CACHE_FACTS, PLAIN_CACHES, cacheFacts } from './caches.ts';

const V7_3 = { major: 7, minor: 3 };
const V6_12 = { major: 6, minor: 12 };

test.each(['anon_vma', 'sighand_cache'])('%s has a constructor and is typesafe', (name) => {
  expect(cacheFacts(name, V7_3)).toMatchObject({ ctor: true, typesafeByRcu: true, known: true });
});

test('vm_area_struct is typesafe since 6.15', () => {
  expect(cacheFacts('vm_area_struct', V7_3)).toMatchObject({ ctor: false, typesafeByRcu: true, known: true });
  expect(cacheFacts('vm_area_struct', V6_12)).toMatchObject({ ctor: false, typesafeByRcu: false, known: true });
});

test('filp is typesafe since 6.7', () => {
  expect(cacheFacts('filp', { major: 6, minor: 7 }).typesafeByRcu).toBe(true);
  expect(cacheFacts('filp', { major: 6, minor: 6 }).typesafeByRcu).toBe(false);
});

test.each(['shmem_inode_cache', 'proc_inode_cache', 'sock_inode_cache', 'inode_cache', 'radix_tree_node'])(
  '%s has a constructor only',
  (name) => {
    expect(cacheFacts(name, V7_3)).toMatchObject({ ctor: true, typesafeByRcu: false, known: true });
  },
);

test('the flag of a protocol holds for its request and time-wait sockets', () => {
  for (const name of ['TCP', 'request_sock_TCP', 'tw_sock_TCPv6']) {
    expect(cacheFacts(name, V7_3).typesafeByRcu).toBe(true);
  }
});

test('plain and unknown caches', () => {
  const plain = { ctor: false, typesafeByRcu: false };
  expect(cacheFacts('task_struct', V7_3)).toMatchObject({ ...plain, known: true });
  expect(cacheFacts('kmalloc-rnd-03-64', V7_3)).toMatchObject({ ...plain, known: true });
  expect(cacheFacts('my_driver', V7_3)).toMatchObject({ ...plain, known: false });
});

test('an unlisted inode cache has a constructor by convention', () => {
  expect(cacheFacts('new_inode_cache', V7_3)).toMatchObject({ ctor: true, typesafeByRcu: false, known: false });
});

test('no cache is both plain and special', () => {
  expect(CACHE_FACTS.filter(({ name }) => PLAIN_CACHES.includes(name))).toEqual([]);
});

test.each([
  ['bio-184', [5, 16], [5, 15]],
  ['bio-0', [7, 3], [5, 10]],
] as const)('%s is typesafe since 5.16 (block/bio.c:create_bio_slab)', (name, [major, minor], [oldMajor, oldMinor]) => {
  expect(cacheFacts(name, { major, minor })).toMatchObject({ typesafeByRcu: true, known: true });
  expect(cacheFacts(name, { major: oldMajor, minor: oldMinor })).toMatchObject({ typesafeByRcu: false, known: true });
});

test.each(['bfilp', 'swap_table', 'p9_req_t', 'execute_cb', 'i915_dependency'])('%s is typesafe', (name) => {
  expect(cacheFacts(name, V7_3)).toMatchObject({ ctor: false, typesafeByRcu: true });
});

test.each([
  'fat_cache',
  'exfat_cache',
  'userfaultfd_ctx_cache',
  'nilfs2_segbuf_cache',
  'iint_cache',
  'gfs2_glock(aspace)',
])('%s has a constructor', (name) => {
  expect(cacheFacts(name, V7_3)).toMatchObject({ ctor: true, typesafeByRcu: false });
});

test('up to 6.17 maple nodes are freed by call_rcu, with an event, and allocated in bulk, without one (measured on 6.12)', () => {
  expect(cacheFacts('maple_node', V6_12)).toMatchObject({ kfreeRcu: false, bulk: true });
  expect(cacheFacts('maple_node', V7_3)).toMatchObject({ kfreeRcu: true, bulk: false });
});

test('maple nodes leave no event when kfree_rcu frees them (measured on 7.3.4: 1,280 frees through RCU sheaves)', () => {
  expect(cacheFacts('maple_node', V7_3)).toMatchObject({ kfreeRcu: true });
  expect(cacheFacts('vm_area_struct', V7_3)).toMatchObject({ kfreeRcu: false });
});
