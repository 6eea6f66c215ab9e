import { glob } from '../base/glob.ts';
import type { KernelVersion } from '../base/kernel-version.ts';
import { type KernelRange, holdsFor } from './kernel-range.ts';

/**
 * What a slab cache is created with, as far as tagging depends on it. Such caches are never merged with others, so
 * the name in a trace is always their own.
 */
export interface CacheFact extends KernelRange {
  /** A trailing `*` stands for any rest. */
  readonly name: string;
  /** Has a constructor: objects keep the tag they got with their slab page. */
  readonly ctor?: true;
  /** SLAB_TYPESAFE_BY_RCU: keeps the tag too, and a free does not poison. */
  readonly typesafeByRcu?: true;
  readonly source: string;
}

/** An inode is initialised once per object, which is what the constructor of every inode cache is for. */
const INODE_CACHES: readonly (readonly [name: string, source: string])[] = [
  ['inode_cache', 'fs/inode.c'],
  ['shmem_inode_cache', 'mm/shmem.c'],
  ['proc_inode_cache', 'fs/proc/inode.c'],
  ['sock_inode_cache', 'net/socket.c'],
  ['bdev_cache', 'block/bdev.c'],
  ['dax_cache', 'drivers/dax/super.c'],
  ['hugetlbfs_inode_cache', 'fs/hugetlbfs/inode.c'],
  ['mqueue_inode_cache', 'ipc/mqueue.c'],
  ['rpc_inode_cache', 'net/sunrpc/rpc_pipe.c'],
  ['ext2_inode_cache', 'fs/ext2/super.c'],
  ['ext4_inode_cache', 'fs/ext4/super.c'],
  ['btrfs_inode', 'fs/btrfs/inode.c'],
  ['xfs_inode', 'fs/xfs/xfs_super.c'],
  ['f2fs_inode_cache', 'fs/f2fs/super.c'],
  ['erofs_inode', 'fs/erofs/super.c'],
  ['ovl_inode', 'fs/overlayfs/super.c'],
  ['fuse_inode', 'fs/fuse/inode.c'],
  ['nfs_inode_cache', 'fs/nfs/inode.c'],
  ['cifs_inode_cache', 'fs/smb/client/cifsfs.c'],
  ['v9fs_inode_cache', 'fs/9p/v9fs.c'],
  ['ceph_inode_info', 'fs/ceph/super.c'],
  ['afs_inode_cache', 'fs/afs/super.c'],
  ['coda_inode_cache', 'fs/coda/inode.c'],
  ['orangefs_inode_cache', 'fs/orangefs/super.c'],
  ['vboxsf_inode_cache', 'fs/vboxsf/super.c'],
  ['ecryptfs_inode_cache', 'fs/ecryptfs/main.c'],
  ['fat_inode_cache', 'fs/fat/inode.c'],
  ['exfat_inode_cache', 'fs/exfat/super.c'],
  ['ntfs_inode_cache', 'fs/ntfs3/super.c'],
  ['isofs_inode_cache', 'fs/isofs/inode.c'],
  ['udf_inode_cache', 'fs/udf/super.c'],
  ['squashfs_inode_cache', 'fs/squashfs/super.c'],
  ['romfs_inode_cache', 'fs/romfs/super.c'],
  ['zonefs_inode_cache', 'fs/zonefs/super.c'],
  ['ubifs_inode_slab', 'fs/ubifs/super.c'],
  ['jffs2_i', 'fs/jffs2/super.c'],
  ['gfs2_inode', 'fs/gfs2/main.c'],
  ['ocfs2_inode_cache', 'fs/ocfs2/super.c'],
  ['nilfs2_inode_cache', 'fs/nilfs2/super.c'],
  ['jfs_ip', 'fs/jfs/super.c'],
  ['reiser_inode_cache', 'fs/reiserfs/super.c'],
  ['minix_inode_cache', 'fs/minix/inode.c'],
  ['ufs_inode_cache', 'fs/ufs/super.c'],
  ['sysv_inode_cache', 'fs/sysv/inode.c'],
  ['hfs_inode_cache', 'fs/hfs/super.c'],
  ['hfsplus_icache', 'fs/hfsplus/super.c'],
  ['hpfs_inode_cache', 'fs/hpfs/super.c'],
  ['affs_inode_cache', 'fs/affs/super.c'],
  ['adfs_inode_cache', 'fs/adfs/super.c'],
  ['befs_inode_cache', 'fs/befs/linuxvfs.c'],
  ['bfs_inode_cache', 'fs/bfs/inode.c'],
  ['qnx4_inode_cache', 'fs/qnx4/inode.c'],
  ['qnx6_inode_cache', 'fs/qnx6/inode.c'],
];

/** Sockets that are looked up under RCU; the flag of a protocol holds for its request and time-wait caches as well. */
const RCU_PROTOCOLS: readonly (readonly [name: string, source: string])[] = [
  ['TCP', 'net/ipv4/tcp_ipv4.c'],
  ['TCPv6', 'net/ipv6/tcp_ipv6.c'],
  ['DCCP', 'net/dccp/ipv4.c'],
  ['DCCPv6', 'net/dccp/ipv6.c'],
];

const OTHER_FACTS: readonly CacheFact[] = [
  { name: 'anon_vma', ctor: true, typesafeByRcu: true, source: 'mm/rmap.c' },
  { name: 'sighand_cache', ctor: true, typesafeByRcu: true, source: 'kernel/fork.c' },
  { name: 'vm_area_struct', typesafeByRcu: true, from: [6, 15], source: 'mm/vma_init.c (kernel/fork.c to 6.15)' },
  { name: 'filp', typesafeByRcu: true, from: [6, 7], source: 'fs/file_table.c:files_init' },
  { name: 'bfilp', typesafeByRcu: true, source: 'fs/file_table.c:files_init' },
  // Polling may look at a bio that is another one by now (block/blk-core.c:iocb_bio_iopoll, 5.16).
  { name: 'bio-*', typesafeByRcu: true, from: [5, 16], source: 'block/bio.c:create_bio_slab' },
  { name: 'swap_table', typesafeByRcu: true, source: 'mm/swapfile.c:swapfile_init' },
  { name: 'p9_req_t', typesafeByRcu: true, source: 'net/9p/client.c:p9_client_init' },
  { name: 'radix_tree_node', ctor: true, source: 'lib/radix-tree.c' },
  { name: 'jbd2_journal_head', typesafeByRcu: true, source: 'fs/jbd2/journal.c' },
  { name: 'nf_conntrack', typesafeByRcu: true, source: 'net/netfilter/nf_conntrack_core.c' },
  { name: 'io_kiocb', typesafeByRcu: true, from: [6, 4], source: 'io_uring/io_uring.c' },
  { name: 'i915_request', ctor: true, typesafeByRcu: true, source: 'drivers/gpu/drm/i915/i915_request.c' },
  { name: 'execute_cb', typesafeByRcu: true, source: 'drivers/gpu/drm/i915/i915_request.c:i915_request_module_init' },
  { name: 'i915_dependency', typesafeByRcu: true, source: 'drivers/gpu/drm/i915/i915_scheduler.c' },
  { name: 'LLC', typesafeByRcu: true, source: 'net/llc/af_llc.c' },
  { name: 'SMC', typesafeByRcu: true, source: 'net/smc/af_smc.c' },
  { name: 'SMC6', typesafeByRcu: true, source: 'net/smc/af_smc.c' },
  { name: 'MPTCP', typesafeByRcu: true, source: 'net/mptcp/protocol.c' },
  { name: 'MPTCPv6', typesafeByRcu: true, source: 'net/mptcp/protocol.c' },
  { name: 'request_sock_subflow_v4', typesafeByRcu: true, source: 'net/mptcp/subflow.c' },
  { name: 'request_sock_subflow_v6', typesafeByRcu: true, source: 'net/mptcp/subflow.c' },
  { name: 'gfs2_glock*', ctor: true, source: 'fs/gfs2/main.c:init_gfs2_fs' },
  { name: 'fat_cache', ctor: true, source: 'fs/fat/cache.c:fat_cache_init' },
  { name: 'exfat_cache', ctor: true, source: 'fs/exfat/cache.c:exfat_cache_init' },
  { name: 'userfaultfd_ctx_cache', ctor: true, source: 'fs/userfaultfd.c:userfaultfd_init' },
  { name: 'nilfs2_segbuf_cache', ctor: true, source: 'fs/nilfs2/super.c:nilfs_init_cachep' },
  { name: 'nfs4_xattr_cache_cache', ctor: true, source: 'fs/nfs/nfs42xattr.c:nfs4_xattr_cache_init' },
  { name: 'iint_cache', ctor: true, source: 'security/integrity/iint.c:integrity_iintcache_init (to 6.8)' },
  { name: 'ima_iint_cache', ctor: true, source: 'security/integrity/ima/ima_iint.c:ima_iintcache_init' },
];

export const CACHE_FACTS: readonly CacheFact[] = [
  ...OTHER_FACTS,
  ...INODE_CACHES.map(([name, source]): CacheFact => ({ name, ctor: true, source })),
  ...RCU_PROTOCOLS.flatMap(([name, source]) =>
    [name, `request_sock_${name}`, `tw_sock_${name}`].map((cache): CacheFact => ({
      name: cache,
      typesafeByRcu: true,
      source,
    })),
  ),
];

/**
 * Caches whose objects are freed by kfree_rcu. Since 6.18 such frees go through per-CPU sheaves (mm/slub.c:rcu_free_sheaf)
 * and before that through kfree_bulk: neither has an event. Before they were, they were freed by call_rcu and
 * kmem_cache_free, which has one.
 */
interface NamedCache extends KernelRange {
  readonly name: string;
  readonly source: string;
}

export const KFREE_RCU_CACHES: readonly NamedCache[] = [
  { name: 'maple_node', from: [6, 18], source: 'lib/maple_tree.c:ma_free_rcu' },
  { name: 'eventpoll_epi', from: [6, 9], source: 'fs/eventpoll.c:__ep_remove' },
];

/** Caches of which some objects are allocated several at once, by kmem_cache_alloc_bulk, which has no event. */
export const BULK_CACHES: readonly NamedCache[] = [
  // Since 6.18 nodes come from a prefilled sheaf, each with an event.
  { name: 'maple_node', from: [6, 1], to: [6, 17], source: 'lib/maple_tree.c:mt_alloc_bulk' },
  { name: 'io_kiocb', source: 'io_uring/io_uring.c:__io_alloc_req_refill' },
  { name: 'skbuff_head_cache', source: 'net/core/skbuff.c:napi_skb_cache_get' },
];

/** Caches of core code that have neither (in every release), so that "no" for these is a fact and not a default. */
export const PLAIN_CACHES: readonly string[] = [
  'task_struct',
  'thread_stack',
  'mm_struct',
  'signal_cache',
  'files_cache',
  'fs_cache',
  'cred',
  'cred_jar',
  'pid',
  'sigqueue',
  'taskstats',
  'anon_vma_chain',
  'maple_node',
  'vmap_area',
  'dentry',
  'names_cache',
  'buffer_head',
  'file_lock_cache',
  'skbuff_head_cache',
  'skbuff_fclone_cache',
  'skbuff_small_head',
  'UNIX',
  'UNIX-STREAM',
  'UDP',
  'UDPv6',
  'eventpoll_epi',
  'eventpoll_pwq',
  'ep_head',
  'posix_timers_cache',
  'pgd_cache',
  'page->ptl',
];

export interface CacheBehaviour {
  readonly ctor: boolean;
  readonly typesafeByRcu: boolean;
  /** Objects are freed by kfree_rcu, and so without an event. */
  readonly kfreeRcu: boolean;
  /** Some objects are allocated in bulk, and so without an event. */
  readonly bulk: boolean;
  /** The answer is a fact about this cache; otherwise it is what the name suggests. */
  readonly known: boolean;
}

const NAMES = CACHE_FACTS.map(({ name }) => glob(name));
const KMALLOC_CACHE = /^(?:dma-)?kmalloc-/;
const INODE_CACHE = /_(?:inode_cache|icache)$/;

const isAmong = (caches: readonly NamedCache[], name: string, kernel: KernelVersion): boolean =>
  caches.some((cache) => cache.name === name && holdsFor(cache, kernel));

/** How objects of the cache `name` are tagged on `kernel`. */
export function cacheFacts(name: string, kernel: KernelVersion): CacheBehaviour {
  const facts = CACHE_FACTS.filter((_, index) => NAMES[index](name));
  const current = facts.find((fact) => holdsFor(fact, kernel));
  return {
    ctor: current?.ctor ?? (facts.length === 0 && INODE_CACHE.test(name)),
    typesafeByRcu: current?.typesafeByRcu ?? false,
    kfreeRcu: isAmong(KFREE_RCU_CACHES, name, kernel),
    bulk: isAmong(BULK_CACHES, name, kernel),
    known: facts.length > 0 || PLAIN_CACHES.includes(name) || KMALLOC_CACHE.test(name),
  };
}
