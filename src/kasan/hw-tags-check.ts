import { pointer, tagOf } from '../mte/pointer.ts';
import { isToldAsWrite, NO_FAULT, TagChecks, type CheckedMemory } from '../mte/tag-check.ts';
import type { AccessCheck, AccessOutcome, CheckedAccess } from './access-check.ts';
import type { Detection } from './detection.ts';
import type { KasanReporter } from './report/reporter.ts';

/** HW_TAGS: the CPU checks, and the kernel reports its faults. */
export class HwTagsCheck implements AccessCheck {
  readonly syncFaultPossible: boolean;
  readonly asyncFaultPossible: boolean;
  readonly checksAssembly = true;
  readonly #checks: TagChecks;
  readonly #detection: Detection;
  readonly #reporter: KasanReporter;

  /** @param memory what the CPU's checks look at */
  constructor(memory: CheckedMemory, detection: Detection, reporter: KasanReporter) {
    this.#detection = detection;
    this.#reporter = reporter;
    this.syncFaultPossible = detection.mode !== 'async';
    this.asyncFaultPossible = detection.mode !== 'sync';
    this.#checks = new TagChecks(memory, { tcf: detection.mode, storeOnly: detection.writeOnly });
  }

  access({ pointer: p, size, kind, symbol, fixup = false }: CheckedAccess): AccessOutcome {
    const far = this.#checks.access(p, size, kind);
    if (far === NO_FAULT) return 'done';
    // arch/arm64/mm/fault.c:__do_kernel_fault: the exception table comes before the report.
    if (fixup) return 'fixed up';
    // arch/arm64/mm/fault.c:do_tag_recovery: the fault tells no size, and ends checking on this CPU.
    this.#reporter.kasan_report(pointer(tagOf(p), far), 0, isToldAsWrite(kind), symbol);
    this.#checks.configure({ ...this.#checks.settings, tcf: 'none' });
    return 'reported';
  }

  checkTfsr(): void {
    if (this.#checks.takeTfsr()) this.#reporter.kasan_report_async();
  }

  enable(): void {
    const { mode, writeOnly } = this.#detection;
    this.#checks.configure({ tcf: mode, storeOnly: writeOnly });
  }

  suspended(run: () => void): void {
    const before = this.#checks.tco;
    this.#checks.tco = true;
    try {
      run();
    } finally {
      this.#checks.tco = before;
    }
  }
}
