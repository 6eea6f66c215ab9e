import { addressOf, tagOf } from '../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { AccessCheck, AccessOutcome, CheckedAccess } from './access-check.ts';
import type { ModeRules } from './mode-rules.ts';
import type { KasanReporter } from './report/reporter.ts';

/** What the checks of the software builds ask of shadow memory. */
export interface Shadow {
  shadow(address: number): number;
}

/**
 * The checks that compilers insert for SW_TAGS and generic KASAN (mm/kasan/sw_tags.c and generic.c:kasan_check_range,
 * 7.3). Each is made before its access and reported at once, with its size.
 */
export class SoftwareCheck implements AccessCheck {
  readonly syncFaultPossible = true;
  readonly asyncFaultPossible = false;
  readonly checksAssembly = false;
  readonly #rules: ModeRules;
  readonly #shadow: Shadow;
  readonly #reporter: KasanReporter;
  /** current->kasan_depth: checks are suppressed where it is not 0. */
  #depth = 0;

  constructor(rules: ModeRules, shadow: Shadow, reporter: KasanReporter) {
    this.#rules = rules;
    this.#shadow = shadow;
    this.#reporter = reporter;
  }

  access({ pointer: p, size, kind, symbol }: CheckedAccess): AccessOutcome {
    if (this.#depth > 0 || this.#isRight(addressOf(p), size, tagOf(p))) return 'done';
    this.#reporter.kasan_report(p, size, kind !== 'read', symbol);
    return 'reported';
  }

  #isRight(address: number, size: number, tag: number): boolean {
    const { granule, tags } = this.#rules;
    if (size === 0) return true;
    // A negative size wraps around the address space.
    if (size < 0) return false;
    if (tags && tag === KASAN_TAG_KERNEL) return true;
    const last = address + size - 1;
    for (let at = address - (address % granule); at <= last; at += granule) {
      const value = this.#shadow.shadow(at);
      if (tags ? value !== tag : !isAccessible(value, at + granule <= last ? granule - 1 : last - at, granule))
        return false;
    }
    return true;
  }

  checkTfsr(): void {}
  enable(): void {}

  suspended(run: () => void): void {
    this.#depth++;
    try {
      run();
    } finally {
      this.#depth--;
    }
  }
}

/** mm/kasan/generic.c:memory_is_poisoned_1: whether the byte at `offset` of a granule, and those before it, may be touched. */
const isAccessible = (shadow: number, offset: number, granule: number): boolean =>
  shadow === 0 || (shadow < granule && offset < shadow);
