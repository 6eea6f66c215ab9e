import { expect, test } from 'vitest';
import { normalizeSymbol } from './symbol.ts';

test.each([
  ['copy_process+0x1d0/0x1704', 'copy_process'],
  ['getname_flags.part.0+0x24', 'getname_flags'],
  ['__alloc_frozen_pages_noprof (ffffffff8161f78b)', '__alloc_frozen_pages'],
  ['__alloc_frozen_pages_noprof <ffffffff8161f78b>', '__alloc_frozen_pages'],
  ['ext4_alloc_inode+0x20/0x110 [ext4]', 'ext4_alloc_inode'],
  ['nf_conntrack_in+0x1/0x2 [nf_conntrack 0123abcd]', 'nf_conntrack_in'],
  ['__kmalloc_noprof.isra.0', '__kmalloc'],
  ['shmem_alloc_and_add_folio.constprop.0', 'shmem_alloc_and_add_folio'],
  ['do_exit.cold+0x5/0x10', 'do_exit'],
  ['foo.isra.0.cold', 'foo'],
  ['foo.llvm.1234567890', 'foo'],
  ['foo.__uniq.123.llvm.456', 'foo'],
  ['foo.lto_priv.0', 'foo'],
  ['  do_anonymous_page ', 'do_anonymous_page'],
  ['__arm64_sys_clone', 'sys_clone'],
  ['__x64_sys_execve (ffffffff816c5ee4)', 'sys_execve'],
  ['__ia32_compat_sys_execve', 'compat_sys_execve'],
  ['__se_sys_mmap', 'sys_mmap'],
  ['__do_sys_clone3', 'sys_clone3'],
  ['x64_sys_call', 'x64_sys_call'],
  ['0xffffffff81000130', '0xffffffff81000130'],
])('%s is %s', (raw, name) => {
  expect(normalizeSymbol(raw)).toBe(name);
});

test('a static helper keeps its name', () => {
  expect(normalizeSymbol('__free_contig_range_common.constprop.0')).toBe('__free_contig_range_common');
});
