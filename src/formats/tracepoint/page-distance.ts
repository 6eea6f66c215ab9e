/** `REC->page ? (unsigned long)((REC->page) - ((struct page *)0xffffffbc00000000UL)) : 0`: what stands behind the minus. */
const DIFFERENCE =
  /\bREC->page\s*\)*\s*-\s*\(*\s*\(\s*struct page \*\s*\)\s*\(*\s*(0x[0-9a-f]{1,16}|\d{1,20})(?:UL|ULL|L)?/i;

/**
 * Where the array of all pages is, from the print format of an event that has the address of a page and prints its pfn
 * (up to 3.19, with SPARSEMEM_VMEMMAP). What is left of the address is taken for the pfn, as trace-cmd prints it: it does not
 * know the size of a struct page either, and pages need only be told apart.
 *
 * @returns undefined where the format does not say, as where pages are looked up in sections
 */
export function pageDistance(printFormat: string): bigint | undefined {
  const base = DIFFERENCE.exec(printFormat)?.[1];
  return base === undefined ? undefined : BigInt.asUintN(64, BigInt(base));
}
