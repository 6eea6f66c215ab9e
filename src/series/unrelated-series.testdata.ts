// Patches that have nothing to do with memory tagging, some near it in words: other tags, other masks, contexts that name
// KASAN. Made for the tests.
import type { TestSeries } from './mail-series.testdata.ts';

/** A patch: its subject, the file, lines around the change, what stands there and what comes. */
type Row = readonly [subject: string, path: string, above: string, from: string, to: string];

const ROWS: readonly Row[] = [
  [
    'mm/readahead: use the order of the mapping',
    'mm/readahead.c',
    'static void ra_submit(void)\n{',
    '\tunsigned int order = 0;',
    '\tunsigned int order = mapping_min_folio_order(mapping);',
  ],
  [
    'mm: allocate the cluster table without sleeping',
    'mm/swapfile.c',
    'static int setup_clusters(void)\n{',
    '\ttable = kvcalloc(n, size, GFP_KERNEL);',
    '\ttable = kvcalloc(n, size, GFP_NOWAIT | __GFP_NOWARN);',
  ],
  [
    'xarray: name the third mark',
    'include/linux/xarray.h',
    '#define XA_MARK_1\t((__force xa_mark_t)1U)',
    '#define XA_MARK_MAX\tXA_MARK_1',
    '#define XA_MARK_2\t((__force xa_mark_t)2U)\n#define XA_MARK_MAX\tXA_MARK_2',
  ],
  [
    'blk-mq: free the tag before the request is ended',
    'block/blk-mq.c',
    'static void __blk_mq_free_request(struct request *rq)\n{',
    '\tblk_mq_put_tag(hctx->tags, ctx, rq->tag);\n\trq->tag = BLK_MQ_NO_TAG;',
    '\tint tag = rq->tag;\n\n\trq->tag = BLK_MQ_NO_TAG;\n\tblk_mq_put_tag(hctx->tags, ctx, tag);',
  ],
  [
    'net: vlan: set the tag of untagged frames',
    'net/8021q/vlan_core.c',
    'bool vlan_do_receive(struct sk_buff **skbp)\n{',
    '\tskb->vlan_all = 0;',
    '\tif (!skb_vlan_tag_present(skb))\n\t\t__vlan_hwaccel_put_tag(skb, proto, 0);',
  ],
  [
    'Bluetooth: hci_sync: check the length of a reply',
    'net/bluetooth/hci_sync.c',
    'static int hci_read_sync(struct hci_dev *hdev)\n{',
    '\trp = (void *)skb->data;',
    '\tif (skb->len < sizeof(*rp))\n\t\treturn -EIO;\n\trp = (void *)skb->data;',
  ],
  [
    'arm64: dts: add the second watchdog',
    'arch/arm64/boot/dts/vendor/board.dts',
    '\tsoc {',
    '\t\twatchdog0: watchdog@1000 { };',
    '\t\twatchdog0: watchdog@1000 { };\n\t\twatchdog1: watchdog@2000 { };',
  ],
  [
    'arm64: entry: save one register fewer',
    'arch/arm64/kernel/entry.S',
    'SYM_CODE_START(cpu_switch_to)',
    '\tstp\tx19, x20, [x8], #16',
    '\tstr\tx19, [x8], #16',
  ],
  [
    'ext4: drop an unused variable',
    'fs/ext4/inode.c',
    'static int ext4_do_writepages(void)\n{',
    '\tint ret, unused;',
    '\tint ret;',
  ],
  [
    'btrfs: keep extent buffers that are dirty',
    'fs/btrfs/extent_io.c',
    'static int release_extent_buffer(struct extent_buffer *eb)\n{',
    '\tif (refs == 0)',
    '\tif (refs == 0 && !extent_buffer_dirty(eb))',
  ],
  [
    'sched/fair: say what the divisor is',
    'kernel/sched/fair.c',
    'static u64 __calc_delta(u64 delta)\n{',
    '\treturn delta >> 10;',
    '\t/* SCHED_FIXEDPOINT_SHIFT */\n\treturn delta >> SCHED_FIXEDPOINT_SHIFT;',
  ],
  [
    'fork: count threads before the limit is checked',
    'kernel/fork.c',
    '/* kasan_reset_tag() is called by whoever allocates the stack. */\nstatic int copy_signal(unsigned long flags)\n{',
    '\tif (data_race(nr_threads >= max_threads))',
    '\tif (data_race(nr_threads + 1 > max_threads))',
  ],
  [
    'mm/slub: print the name of the cache',
    'mm/slub.c',
    '#ifdef CONFIG_KASAN_GENERIC\n#endif\nstatic void slab_bug(struct kmem_cache *s)\n{',
    '\tpr_err("BUG\\n");',
    '\tpr_err("BUG %s\\n", s->name);',
  ],
  [
    'drm/amd: allocate the ring with the device',
    'drivers/gpu/drm/amd/ring.c',
    'int ring_init(struct device *dev)\n{',
    '\tring = kzalloc(sizeof(*ring), GFP_KERNEL);',
    '\tring = devm_kzalloc(dev, sizeof(*ring), GFP_KERNEL);',
  ],
  [
    'usb: gadget: take the lock for the queue',
    'drivers/usb/gadget/udc/core.c',
    'int usb_ep_queue(struct usb_ep *ep)\n{',
    '\tret = ep->ops->queue(ep);',
    '\tspin_lock(&ep->lock);\n\tret = ep->ops->queue(ep);\n\tspin_unlock(&ep->lock);',
  ],
  [
    'crypto: iaa - zero the key',
    'drivers/crypto/intel/iaa/iaa.c',
    'static void iaa_exit(struct iaa_ctx *ctx)\n{',
    '\tkfree(ctx->key);',
    '\tkfree_sensitive(ctx->key);',
  ],
  [
    'selftests/mm: skip without huge pages',
    'tools/testing/selftests/mm/thp.c',
    'int main(void)\n{',
    '\ttest();',
    '\tif (!thp_is_enabled())\n\t\tksft_exit_skip("no THP\\n");\n\ttest();',
  ],
  [
    'docs: mm: mend a link',
    'Documentation/mm/page_tables.rst',
    'Page tables\n===========',
    'See :doc:`hugetlb`.',
    'See :doc:`/admin-guide/mm/hugetlbpage`.',
  ],
  [
    'MAINTAINERS: add a reviewer',
    'MAINTAINERS',
    'VMALLOC\nM:\tAnn Author <ann@example.org>',
    'L:\tlinux-mm@example.org',
    'R:\tRob Reviewer <rob@example.org>\nL:\tlinux-mm@example.org',
  ],
  [
    'vmalloc: count lazily freed pages per node',
    'mm/vmalloc.c',
    'static void free_vmap_area_noflush(struct vmap_area *va)\n{',
    '\tatomic_long_add(pages, &vmap_lazy_nr);',
    '\tatomic_long_add(pages, &vn->lazy_nr);',
  ],
];

/** Twenty single patches. */
export const UNRELATED_SERIES: readonly TestSeries[] = ROWS.map(([subject, path, above, from, to]) => ({
  version: 1,
  files: { [path]: `${above}\n${from}\n\n/* the end */\n` },
  patches: [{ subject, message: 'It is simpler so.', edits: [{ path, from: `${from}\n`, to: `${to}\n` }] }],
}));
