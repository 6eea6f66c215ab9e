/** Where a symbol stands: `+0x10/0x20` (%pS), `+0x10` (trace-cmd), and the address or module printed behind it. */
const POSITION = /\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?/i;
const ADDRESS_OR_MODULE = /\s+[[(<].*$/;

/** Suffixes the compilers append to clones and outlined parts of a function; the name before them is the source's. */
const COMPILER_SUFFIX =
  /\.(?:isra|constprop|part|cold|llvm|lto_priv|localalias|ipa-ra|__uniq|cfi_jt|cfi)(?:\.\d+)?(?=\.|$)/g;

/** Since 6.10 allocation functions have this suffix; the name without it is a macro that does the accounting. */
const ALLOCATION_PROFILING_SUFFIX = /_noprof$/;

/**
 * The wrappers that syscall macros generate around one function (`__arm64_sys_clone` calls `__se_sys_clone` calls
 * `__do_sys_clone`). Which of them are inlined depends on the architecture and the compiler.
 */
const SYSCALL_WRAPPER = /^__(?:arm64|x64|ia32|x32|riscv|s390x?|se|do)_(compat_)?sys_/;

/**
 * The name of a kernel function as rules and reports use it: without offset, address, module, compiler suffix and
 * `_noprof`, and with one name per system call (`sys_clone`). Static helpers keep their names, so that a call site
 * can be found in the source.
 */
export function normalizeSymbol(raw: string): string {
  return raw
    .trim()
    .replace(ADDRESS_OR_MODULE, '')
    .replace(POSITION, '')
    .replace(COMPILER_SUFFIX, '')
    .replace(ALLOCATION_PROFILING_SUFFIX, '')
    .replace(SYSCALL_WRAPPER, '$1sys_');
}
