import { UsageError } from '../base/errors.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';

/** What the name of a configuration means, or what of it is not known. */
export type NamedConfig =
  | {
      readonly config: KernelConfig;
      readonly commandLine: string;
      /** User memory comes in huge pages. */
      readonly hugePages: boolean;
      /** The seed of the machine's random numbers. */
      readonly seed: number | undefined;
      readonly unknown?: undefined;
    }
  | { readonly unknown: readonly string[] };

/** Short names in files of counts, without the punctuation that they are written with, as boot parameters. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['default', ''],
  ['sync', 'kasan.mode=sync'],
  ['async', 'kasan.mode=async'],
  ['asymm', 'kasan.mode=asymm'],
  ['kasanoff', 'kasan=off'],
  ['writeonly', 'kasan.write_only=on'],
  ['vmallocoff', 'kasan.vmalloc=off'],
  ['vmoff', 'kasan.vmalloc=off'],
  ['novmalloc', 'kasan.vmalloc=off'],
  ['stacktraceoff', 'kasan.stacktrace=off'],
  ['nostacktrace', 'kasan.stacktrace=off'],
  ['initonalloc', 'init_on_alloc=1'],
  ['initonfree', 'init_on_free=1'],
]);

/** Parameters may be written without what their names begin with: `vmalloc=off`, `sample=10`, `order=2`. */
const PREFIXES = ['', 'kasan.', 'kasan.page_alloc.', 'kasan.page_alloc.sample.'];
const PAGE_KIB: ReadonlyMap<string, number> = new Map([
  ['4k', 4096],
  ['16k', 16384],
  ['64k', 65536],
]);

/** Words about transparent huge pages (mm/huge_memory.c): `thp`, `nothp`, `thp=never`, and the boot parameter. */
const HUGE_PAGES = /^(no-?)?(?:thp|transparent_hugepage)(?:[=-]?(always|madvise|never|on|off))?$/i;
/** Runs that differ in nothing but chance: `seed=7`, `seed7`. */
const SEED = /^seed[=-]?(\d{1,9})$/i;

/** What a word says beside the kernel's parameters. */
function isAside(word: string): boolean {
  return PAGE_KIB.has(word.toLowerCase()) || HUGE_PAGES.test(word) || SEED.test(word);
}

/**
 * The kernel of a configuration's name: words that are boot parameters, short for them, the size of a page, huge pages or
 * a seed. `kasan=off kasanoff`, `init_on_alloc`, `sync sample=10,order=2`, `thp`, `sync seed=3` and `16k` are such names.
 * A bare word behind parameters that are written out is what the whole is called: `sync kasan.stack_ring_size=64 ring`.
 *
 * @param pageSize if it is known
 */
export function namedConfig(name: string, pageSize?: number): NamedConfig {
  const words = name
    .split(/,\s+/)
    .filter((part) => !isRemark(part))
    .flatMap((part) => part.split(/[\s,+]+/))
    .filter((word) => word !== '');
  const pages = words.map((word) => PAGE_KIB.get(word.toLowerCase())).filter((size) => size !== undefined);
  const parameters = words.map((word) => (isAside(word) ? '' : parameterOf(word)));
  const writtenOut = words.findIndex((word, index) => word.includes('=') && parameters[index] !== undefined);
  const isLabel = (word: string, index: number): boolean =>
    writtenOut >= 0 && index > writtenOut && /^[a-z]\w*$/i.test(word);
  const unknown = words.filter((word, index) => parameters[index] === undefined && !isLabel(word, index));
  if (unknown.length > 0) return { unknown };
  const commandLine = [...new Set(parameters)].filter((word) => word !== '' && word !== undefined).join(' ');
  const seed = words.map((word) => SEED.exec(word)?.[1]).findLast((digits) => digits !== undefined);
  return {
    config: parseBootParameters(commandLine, defaultKernelConfig(pageSize ?? pages.at(-1))).config,
    commandLine,
    hugePages: hasHugePages(words),
    seed: seed === undefined ? undefined : Number(seed),
  };
}

/** The last word about them decides; madvise changes nothing for who does not ask. */
function hasHugePages(words: readonly string[]): boolean {
  const [, negated, value = 'always'] = words
    .map((word) => HUGE_PAGES.exec(word))
    .findLast((match) => match !== null) ?? ['', 'no'];
  return negated === undefined && (value === 'always' || value === 'on');
}

/** Prose behind a configuration, such as `same run as the trace`: several words that are no parameters and set none. */
function isRemark(part: string): boolean {
  const words = part.trim().split(/\s+/);
  return (
    words.length > 1 && !part.includes('=') && words.every((word) => !isAside(word) && parameterOf(word) === undefined)
  );
}

/** A word as boot parameters; undefined if it is none that matters here. */
function parameterOf(word: string): string | undefined {
  const sampled = /^sample-?(\d+)(?:-?order-?(\d+))?$/i.exec(word);
  if (sampled !== null) {
    const [, every, order] = sampled;
    return `kasan.page_alloc.sample=${every}${order === undefined ? '' : ` kasan.page_alloc.sample.order=${order}`}`;
  }
  const short = SHORT_NAMES.get(word.toLowerCase().replaceAll(/[^a-z]/g, ''));
  if (!word.includes('=') && short !== undefined) return short;
  return PREFIXES.map((prefix) => prefix + word).find(isParameter);
}

function isParameter(text: string): boolean {
  try {
    return parseBootParameters(text, defaultKernelConfig()).ignored.length === 0;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
