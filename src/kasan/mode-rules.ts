import { KASAN_TAG_INVALID } from '../mte/tag-machine.ts';
import type { KasanBuild, KernelConfig } from './kernel-config.ts';
import { SHADOW } from './shadow-values.ts';

/** Why memory may not be touched. */
export type PoisonKind = 'pageFree' | 'pageRedzone' | 'slabRedzone' | 'slabFree' | 'vmallocInvalid';

/** In what the three KASAN builds differ, as far as memory is concerned (mm/kasan/kasan.h and lib/Kconfig.kasan, 7.3). */
export interface ModeRules {
  /** Bytes that one tag or shadow byte stands for. */
  readonly granule: number;
  /** What memory is marked with that may not be touched. */
  readonly poison: { readonly [Kind in PoisonKind]: number };
  /** Marks are bytes of a shadow of memory, and compilers check them; if not, they are tags of the hardware. */
  readonly shadow: boolean;
  /** Pointers and pages have tags; without them memory is accessible or not, whoever asks. */
  readonly tags: boolean;
  /** __GFP_SKIP_KASAN and __GFP_SKIP_ZERO have bits; in the other builds they are 0. */
  readonly skipFlags: boolean;
  /** Tagging zeroes with the same instructions, so that nobody else has to. */
  readonly integratedInit: boolean;
  /** What vmalloc maps has marks of its own, apart from those of its pages, and is marked when it is unmapped. */
  readonly vmallocMarks: boolean;
  /** Caches have room for metadata and redzones, and freed objects wait in quarantine (CONFIG_KASAN_GENERIC). */
  readonly objectMetadata: boolean;
  /** CONFIG_SLUB_RCU_DEBUG: typesafe-by-RCU objects are freed for KASAN when their grace period has passed. */
  readonly slubRcuDebug: boolean;
}

const TAG_POISON = {
  pageFree: KASAN_TAG_INVALID,
  pageRedzone: KASAN_TAG_INVALID,
  slabRedzone: KASAN_TAG_INVALID,
  slabFree: KASAN_TAG_INVALID,
  vmallocInvalid: KASAN_TAG_INVALID,
} as const;

const MODE_RULES: { readonly [Build in KasanBuild]: ModeRules } = {
  'hw-tags': {
    granule: 16,
    poison: TAG_POISON,
    shadow: false,
    tags: true,
    skipFlags: true,
    integratedInit: true,
    vmallocMarks: false,
    objectMetadata: false,
    slubRcuDebug: false,
  },
  'sw-tags': {
    granule: 16,
    poison: TAG_POISON,
    shadow: true,
    tags: true,
    skipFlags: false,
    integratedInit: false,
    vmallocMarks: true,
    objectMetadata: false,
    slubRcuDebug: true,
  },
  generic: {
    granule: 8,
    poison: {
      pageFree: SHADOW.pageFree,
      pageRedzone: SHADOW.pageRedzone,
      slabRedzone: SHADOW.slabRedzone,
      slabFree: SHADOW.slabFree,
      vmallocInvalid: SHADOW.vmallocInvalid,
    },
    shadow: true,
    tags: false,
    skipFlags: false,
    integratedInit: false,
    vmallocMarks: true,
    objectMetadata: true,
    slubRcuDebug: true,
  },
};

/** The rules of a kernel's build. */
export const modeRules = ({ build }: Pick<KernelConfig, 'build'>): ModeRules => MODE_RULES[build];
