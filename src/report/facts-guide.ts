import { ALLOW_LISTS, KNOWN_MASKS, METADATA_CALLEES, type MaskUser } from '../review/kernel-facts.ts';
import { RULES } from '../review/rules.ts';
import { ORDERS } from '../review/rules/hook-order.ts';

/** The kernel whose source the facts are from. */
export const FACTS_KERNEL = '7.3';

const FLAG = '__GFP_SKIP_KASAN';

/** What the flag does, with the function that does it. */
const FLAG_FACTS: readonly string[] = [
  `${FLAG}: with HW_TAGS mm/page_alloc.c:post_alloc_hook writes no tags and resets the page tag to match-all; without CONFIG_KASAN_HW_TAGS it is 0.`,
  `Page free: mm/page_alloc.c:should_skip_kasan_poison decides by the page tag, not by the flag: a match-all page is not poisoned.`,
  `vmalloc: mm/vmalloc.c:__vmalloc_node_range_noprof heeds it if HW_TAGS is enabled: the mapping is untagged, the pages are zeroed by the page allocator.`,
  'Slab drops it: mm/slub.c:new_slab hands on the kind of reclaim and the node alone; objects are tagged by kasan_slab_alloc and kasan_kmalloc.',
];

const userText = ({ place, servedBy, unreachable }: MaskUser): string =>
  `${place} (${servedBy === 'slab' ? 'slab: still tagged' : servedBy}${unreachable === undefined ? '' : `; not reached: ${unreachable}`})`;

/**
 * What the kernel does with the flag that keeps memory untagged, who uses the masks that have it, and who drops it.
 *
 * @param isMeant which masks and functions to speak of, by name
 */
export const kernelFacts = (isMeant: (name: string) => boolean): readonly string[] => [
  ...FLAG_FACTS.map((text) => `- ${text}`),
  ...KNOWN_MASKS.filter(({ name }) => isMeant(name)).map(
    ({ name, definedIn, madeOf, addedBySeries, users }) =>
      `- ${name} (${definedIn}): ${[...madeOf, ...addedBySeries].join(' | ')}. Users: ${users.map(userText).join('; ')}.`,
  ),
  ...ALLOW_LISTS.filter(({ name }) => isMeant(name)).map(
    ({ name, checkedBy, lacks }) =>
      `- ${checkedBy} drops, and warns of, what ${name} does not name; ${lacks.join(', ')} is in it.`,
  ),
  ...METADATA_CALLEES.filter(({ name }) => isMeant(name)).map(
    ({ allocates, source }) => `- ${source}: allocates ${allocates}, which is used through tagged pointers.`,
  ),
];

/** A guide for reviewers, human or machine: facts of one kernel, and what to look at. Markdown of at most 100 lines. */
export const factsGuide = (): string =>
  [
    `# Memory tags under KASAN HW_TAGS, Linux ${FACTS_KERNEL}`,
    '',
    '## What the kernel does',
    ...kernelFacts(() => true),
    ...ORDERS.map(
      ({ path, steps, source }) => `- Order at ${path} (${source}): ${steps.map(({ name }) => name).join(', ')}.`,
    ),
    '',
    '## What to look at in a series',
    'Judge the state after the whole series, without comments; compare masks by value, not by name.',
    ...RULES.map(({ id, about, follows }) => `- ${id}: ${about} If that is not meant: ${follows}.`),
    '',
    '## Commands that show it',
    '- `tagscope review SERIES --format facts`: what a series does, its claims, the evidence of open points',
    '- `tagscope audit --from POLICY --to POLICY`: kinds of bugs that are found less often',
    '- `tagscope bench thread`, `tagscope diff TRACE`: tags written before and after',
    '- `tagscope policies`: the policies that can be named',
    '',
  ].join('\n');
