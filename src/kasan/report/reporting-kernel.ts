/** Who is running when something is reported. */
export interface RunningTask {
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  /** Functions, the innermost first. */
  readonly frames: readonly string[];
}

/** Taint flags that a report shows (kernel/panic.c, taint_flags). */
export interface Taints {
  /** TAINT_BAD_PAGE: what the first report leaves. */
  readonly badPage: boolean;
  /** TAINT_TEST: KUnit runs. */
  readonly test: boolean;
}

/** Twenty flags, in the order of their bits; each has its letter or a space. */
const FLAG_COUNT = 20;
const BAD_PAGE_BIT = 5;
const TEST_BIT = 18;

/** kernel/panic.c:print_tainted, for the flags that can be set here. */
export function taintText({ badPage, test }: Taints): string {
  if (!badPage && !test) return 'Not tainted';
  const letters = Array.from({ length: FLAG_COUNT }, (_, bit) => {
    if (bit === 0) return 'G';
    if (bit === BAD_PAGE_BIT && badPage) return 'B';
    return bit === TEST_BIT && test ? 'N' : ' ';
  });
  return `Tainted: ${letters.join('')}`;
}

/** The line that names them, or undefined (kernel/panic.c:print_tainted_verbose). */
export function taintNames({ badPage, test }: Taints): string | undefined {
  const names = [...(badPage ? ['[B]=BAD_PAGE'] : []), ...(test ? ['[N]=TEST'] : [])];
  return names.length === 0 ? undefined : `Tainted: ${names.join(', ')}`;
}
