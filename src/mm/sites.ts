import type { AllocationClass } from '../base/allocation-class.ts';
import { GFP_COMP, GFP_NOWARN, GFP_ZERO, gfpUnion, type Gfp } from '../gfp/flags.ts';
import {
  GFP_ATOMIC,
  GFP_HIGHUSER,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
  GFP_KERNEL_ACCOUNT,
  GFP_NOWAIT,
  GFP_PGTABLE_KERNEL,
  GFP_PGTABLE_USER,
  GFP_TRANSHUGE,
  GFP_VMAP_STACK,
  THREADINFO_GFP,
} from '../gfp/masks.ts';
import type { Site, SiteDescription, SiteTable } from './site.ts';

/**
 * A place in the kernel, by its stack in Linux 7.3: `frames` from the function that the allocator is entered by outwards,
 * separated by blanks. The call site is the first one outside the allocator.
 */
const place = (classOf: AllocationClass, site: string, gfp: Gfp, frames: string): SiteDescription => ({
  class: classOf,
  site,
  gfp,
  frames: frames.split(' '),
});

const object = (site: string, frames: string, gfp: Gfp = GFP_KERNEL): SiteDescription =>
  place('slab-object', site, gfp, frames);

const PAGES = 'get_page_from_freelist __alloc_frozen_pages_noprof alloc_pages_node_noprof';
const FOLIO = 'get_page_from_freelist __alloc_frozen_pages_noprof __folio_alloc_noprof';
const FREE_PAGES = `${PAGES} get_free_pages_noprof`;
const OBJECT = 'kmem_cache_alloc_noprof';
const FROM_SHEAF = 'kmem_cache_alloc_from_sheaf_noprof';
const CLONE = 'copy_process kernel_clone __do_sys_clone __arm64_sys_clone';
const DUP_MM = `dup_mmap ${CLONE}`;
const FAULT = '__handle_mm_fault handle_mm_fault do_page_fault do_translation_fault';
const MMAP = '__mmap_region mmap_region do_mmap vm_mmap_pgoff ksys_mmap_pgoff';
const SPLIT = '__split_vma vma_modify vma_modify_flags mprotect_fixup do_mprotect_pkey';
const MUNMAP = 'do_vmi_align_munmap do_vmi_munmap __vm_munmap __arm64_sys_munmap';
const EXIT = 'exit_mmap __mmput do_exit do_group_exit';
const VMALLOC = '__vmalloc_node_range_noprof __vmalloc_node_noprof';
const VMALLOC_SCS = '__vmalloc_node_range_noprof __scs_alloc scs_prepare';

const ZEROED = gfpUnion(GFP_KERNEL, GFP_ZERO);
const TABLE = gfpUnion(GFP_PGTABLE_USER, GFP_COMP);

/** The places of 7.3 that the modelled operations allocate at. Masks are those that 7.3 passes. */
const PLACES = {
  // Slab's own memory (mm/slub.c).
  replaceFullMain: object(
    '__alloc_empty_sheaf',
    '__kmalloc_flags_noprof __alloc_empty_sheaf __pcs_replace_full_main',
    gfpUnion(GFP_NOWARN, GFP_ZERO),
  ),
  replaceEmptyMain: object(
    '__alloc_empty_sheaf',
    '__kmalloc_flags_noprof __alloc_empty_sheaf __pcs_replace_empty_main',
    ZEROED,
  ),
  kfreeRcu: object(
    '__alloc_empty_sheaf',
    '__kmalloc_flags_noprof __alloc_empty_sheaf __kfree_rcu_sheaf',
    gfpUnion(GFP_NOWARN, GFP_ZERO),
  ),
  prefill: object(
    '__alloc_empty_sheaf',
    '__kmalloc_flags_noprof __alloc_empty_sheaf kmem_cache_prefill_sheaf_noprof',
    ZEROED,
  ),
  prefilled: place(
    'slab-page',
    'mas_alloc_nodes',
    GFP_KERNEL,
    'alloc_frozen_pages_noprof allocate_slab new_slab refill_objects __prefill_sheaf_pfmemalloc kmem_cache_prefill_sheaf_noprof mas_alloc_nodes mas_preallocate __split_vma',
  ),
  // vmalloc's own memory (mm/vmalloc.c).
  vmStruct: object('copy_process', `__kmalloc_cache_node_noprof __get_vm_area_node ${VMALLOC} ${CLONE}`, ZEROED),
  vmapArea: object(
    'copy_process',
    `kmem_cache_alloc_node_noprof alloc_vmap_area __get_vm_area_node ${VMALLOC} ${CLONE}`,
  ),
  pagesArray: object('copy_process', `__kmalloc_node_noprof ${VMALLOC} ${CLONE}`, ZEROED),
  kernelPageTable: place(
    'page-table',
    '__pte_alloc_kernel',
    gfpUnion(GFP_PGTABLE_KERNEL, GFP_COMP),
    `${PAGES} __pte_alloc_kernel vmap_pages_range ${VMALLOC}`,
  ),
  stack: place('kernel-stack', 'copy_process', GFP_VMAP_STACK, `${PAGES} ${VMALLOC} ${CLONE}`),
  // kernel/scs.c.
  scs: place('shadow-call-stack', '__scs_alloc', ZEROED, `${PAGES} ${VMALLOC_SCS} ${CLONE}`),
  scsVmStruct: object('__scs_alloc', `__kmalloc_cache_node_noprof __get_vm_area_node ${VMALLOC_SCS} ${CLONE}`, ZEROED),
  scsVmapArea: object(
    '__scs_alloc',
    `kmem_cache_alloc_node_noprof alloc_vmap_area __get_vm_area_node ${VMALLOC_SCS} ${CLONE}`,
  ),
  scsPagesArray: object('__scs_alloc', `__kmalloc_node_noprof ${VMALLOC_SCS} ${CLONE}`, ZEROED),
  // Without VMAP_STACK: of pages, or of a cache where pages are larger than a stack.
  stackPages: place('kernel-stack', 'copy_process', THREADINFO_GFP, `${PAGES} ${CLONE}`),
  stackObject: object('copy_process', `kmem_cache_alloc_node_noprof ${CLONE}`, THREADINFO_GFP),
  // kernel/fork.c and what it calls.
  taskStruct: object('copy_process', `kmem_cache_alloc_node_noprof ${CLONE}`),
  execState: object('task_exec_state_copy', `${OBJECT} task_exec_state_copy ${CLONE}`),
  cred: object('prepare_creds', `${OBJECT} prepare_creds copy_creds ${CLONE}`),
  files: object('dup_fd', `${OBJECT} dup_fd ${CLONE}`),
  fs: object('copy_fs_struct', `${OBJECT} copy_fs_struct ${CLONE}`),
  sighand: object('copy_process', `${OBJECT} ${CLONE}`),
  signal: object('copy_process', `${OBJECT} ${CLONE}`, ZEROED),
  mm: object('copy_process', `${OBJECT} ${CLONE}`),
  pid: object('alloc_pid', `${OBJECT} alloc_pid ${CLONE}`),
  radixExtend: object(
    'radix_tree_node_alloc',
    `${OBJECT} radix_tree_node_alloc radix_tree_extend idr_get_free idr_alloc_u32 idr_alloc_cyclic alloc_pid ${CLONE}`,
    gfpUnion(GFP_ATOMIC, GFP_NOWARN),
  ),
  radixNode: object(
    'radix_tree_node_alloc',
    `${OBJECT} radix_tree_node_alloc idr_get_free idr_alloc_u32 idr_alloc_cyclic alloc_pid ${CLONE}`,
    gfpUnion(GFP_ATOMIC, GFP_NOWARN),
  ),
  futexHash: object(
    'futex_hash_allocate',
    `__kvmalloc_node_noprof futex_hash_allocate futex_hash_allocate_default ${CLONE}`,
    gfpUnion(GFP_KERNEL_ACCOUNT, GFP_ZERO, GFP_NOWARN),
  ),
  bucketTable: object(
    'bucket_table_alloc',
    '__kvmalloc_node_noprof bucket_table_alloc rhashtable_rehash_alloc rht_deferred_worker process_one_work',
    ZEROED,
  ),
  pgd: place('page-table', 'pgd_alloc', TABLE, `${PAGES} pgd_alloc mm_init ${CLONE}`),
  smallPgd: object('pgd_alloc', `${OBJECT} pgd_alloc mm_init ${CLONE}`, GFP_PGTABLE_USER),
  // mm/memory.c.
  pte: place('page-table', '__pte_alloc', TABLE, `${PAGES} __pte_alloc ${FAULT}`),
  pmd: place('page-table', '__pmd_alloc', TABLE, `${PAGES} __pmd_alloc ${FAULT}`),
  pud: place('page-table', '__pud_alloc', TABLE, `${PAGES} __pud_alloc ${FAULT}`),
  anon: place(
    'user-anon',
    '__handle_mm_fault',
    gfpUnion(GFP_HIGHUSER_MOVABLE, GFP_ZERO, GFP_COMP),
    `${FOLIO} vma_alloc_zeroed_movable_folio ${FAULT}`,
  ),
  cow: place(
    'user-anon',
    'wp_page_copy',
    gfpUnion(GFP_HIGHUSER_MOVABLE, GFP_COMP),
    `${FOLIO} wp_page_copy __handle_mm_fault handle_mm_fault do_page_fault do_mem_abort`,
  ),
  huge: place(
    'user-anon',
    '__do_huge_pmd_anonymous_page',
    gfpUnion(GFP_TRANSHUGE, GFP_ZERO),
    `${FOLIO} vma_alloc_anon_folio_pmd __do_huge_pmd_anonymous_page do_huge_pmd_anonymous_page __handle_mm_fault`,
  ),
  gatherBatch: place(
    'mmu-gather',
    '__tlb_remove_folio_pages_size',
    GFP_NOWAIT,
    `${FREE_PAGES} __tlb_remove_folio_pages_size zap_present_ptes unmap_page_range ${EXIT}`,
  ),
  tableBatch: place(
    'mmu-gather',
    'tlb_remove_table',
    GFP_NOWAIT,
    `${FREE_PAGES} tlb_remove_table free_pgd_range free_pgtables ${EXIT}`,
  ),
  // mm/vma.c, mm/rmap.c and lib/maple_tree.c.
  vmaDupFork: object('vm_area_dup', `${OBJECT} vm_area_dup ${DUP_MM}`),
  vmaDupSplit: object('vm_area_dup', `${OBJECT} vm_area_dup ${SPLIT}`),
  vmaAlloc: object('vm_area_alloc', `${OBJECT} vm_area_alloc ${MMAP}`),
  anonVmaFork: object('anon_vma_fork', `${OBJECT} anon_vma_fork ${DUP_MM}`),
  anonVmaClone: object('anon_vma_clone', `${OBJECT} anon_vma_clone anon_vma_fork ${DUP_MM}`),
  anonVmaPrepare: object(
    '__anon_vma_prepare',
    `${OBJECT} __anon_vma_prepare __vmf_anon_prepare do_anonymous_page ${FAULT}`,
  ),
  mapleDup: object('mas_dup_build', `${OBJECT} mas_dup_build __mt_dup ${DUP_MM}`),
  maplePreallocate: object('mas_preallocate', `${OBJECT} mas_preallocate ${SPLIT}`),
  mapleSplit: object(
    'dst_setup',
    `${FROM_SHEAF} dst_setup mas_wr_split mas_wr_store_entry mas_store_prealloc vma_complete ${SPLIT}`,
    GFP_NOWAIT,
  ),
  mapleStore: object('mas_store_gfp', `${OBJECT} mas_store_gfp ${MUNMAP}`),
  mapleRebalance: object(
    'dst_setup',
    `${FROM_SHEAF} dst_setup mas_wr_rebalance mas_wr_store_entry mas_store_gfp ${MUNMAP}`,
    GFP_NOWAIT,
  ),
  mapleDetach: object('mas_store_gfp', `${OBJECT} mas_store_gfp vms_gather_munmap_vmas ${MUNMAP}`),
  // Files and pipes (fs/, mm/filemap.c).
  file: object('alloc_empty_file', `${OBJECT} alloc_empty_file path_openat do_file_open do_sys_openat2`),
  pipe: object(
    'alloc_pipe_info',
    '__kmalloc_cache_noprof alloc_pipe_info create_pipe_files do_pipe2',
    GFP_KERNEL_ACCOUNT,
  ),
  pageCache: place(
    'user-file',
    '__filemap_get_folio_mpol',
    gfpUnion(GFP_HIGHUSER_MOVABLE, GFP_COMP),
    `${FOLIO} __filemap_get_folio_mpol generic_perform_write vfs_write ksys_write`,
  ),
  pipeBuffer: place(
    'pipe',
    'anon_pipe_get_page',
    gfpUnion(GFP_HIGHUSER, GFP_KERNEL_ACCOUNT),
    `${PAGES} anon_pipe_get_page anon_pipe_write vfs_write ksys_write`,
  ),
} as const satisfies Readonly<Record<string, SiteDescription>>;

type PlaceName = keyof typeof PLACES;

/** All places of the kernel, by name, for tables and tests. */
export const KERNEL_PLACES: Readonly<Record<PlaceName, SiteDescription>> = PLACES;

/** The places under a policy. */
export type KernelSites = Readonly<Record<PlaceName, Site>> & {
  /** Page tables by level, the leaf first. */
  readonly pageTable: readonly Site[];
};

const isPlaceName = (name: string): name is PlaceName => name in PLACES;

/** Asks a policy about every place. */
export function kernelSites(table: SiteTable): KernelSites {
  const resolved = {} as Record<PlaceName, Site>;
  for (const name of Object.keys(PLACES)) if (isPlaceName(name)) resolved[name] = table.resolve(PLACES[name]);
  return { ...resolved, pageTable: [resolved.pte, resolved.pmd, resolved.pud] };
}
