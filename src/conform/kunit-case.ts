import type { KernelVersion } from '../base/kernel-version.ts';
import type { Pointer } from '../mte/pointer.ts';
import type { TestKernel } from './test-kernel.ts';

/** A configuration symbol that a case may demand. */
export type ConfigSymbol =
  | 'KASAN_GENERIC'
  | 'KASAN_SW_TAGS'
  | 'KASAN_HW_TAGS'
  | 'KASAN_VMALLOC'
  | 'KASAN_STACK'
  | 'SLUB_RCU_DEBUG'
  | 'CC_IS_CLANG'
  | 'AMD_MEM_ENCRYPT'
  | 'RUST';

/** What a case demands, in the order in which the kernel's test looks; the first that is missing is the reason to skip. */
export type Requirement =
  | readonly [symbol: ConfigSymbol, value: 'y' | 'n']
  /** The boot parameter. */
  | 'kasan.vmalloc=on';

/** What a case may do besides using the kernel: say what must be, and what must be reported. */
export interface Expectations {
  /**
   * A report comes of `run`; KUNIT_EXPECT_KASAN_FAIL.
   *
   * @param what names the step for people
   * @param beside the granule of somebody else that the step goes on to, if it does: its tag may be that of the pointer by
   * chance, and then nothing can be noticed
   */
  fail(what: string, run: () => void, beside?: Pointer): void;
  /** The same of a read: with kasan.write_only none must come; KUNIT_EXPECT_KASAN_FAIL_READ. */
  failRead(what: string, run: () => void, beside?: Pointer): void;
  /** Something else must hold; the case goes on if it does not. */
  expect(what: string, holds: boolean): void;
  /** Something must hold for the case to go on. */
  assert(what: string, holds: boolean): void;
}

/** One KASAN test of the kernel (mm/kasan/kasan_test_c.c, 7.3), as the sequence of what it does. */
export interface KunitCase {
  readonly name: string;
  readonly requires?: readonly Requirement[];
  /** The first release that has it; all that are modelled where it is absent. */
  readonly since?: KernelVersion;
  /** The first release in which it demands `requires`. */
  readonly requiresSince?: KernelVersion;
  /** Marked as slow by the kernel. */
  readonly slow?: boolean;
  run(kernel: TestKernel, expectations: Expectations): void;
}
