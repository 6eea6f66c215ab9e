import type { BugName } from '../audit/bug-kinds.ts';
import type { Memory } from '../audit/memory.ts';
import {
  certainty,
  DetectionRules,
  eitherOf,
  isNoticedLater,
  SAME_SHARE,
  type BugAccess,
  type Theory,
} from '../audit/theory.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { ConditionName } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { Caught, CaughtChange, PolicyVerdict } from './result.ts';

/** A bug that a report shows: what it may be, and where. */
export interface ShownBug {
  readonly bugs: readonly BugName[];
  readonly memories: readonly Memory[];
  readonly access: BugAccess | undefined;
  /** Bytes of the object: what was asked for, where that is told, else what its cache has. */
  readonly size?: number | undefined;
}

const UNKNOWN: Theory = { low: 0, high: 1, reason: 'which kind of bug it is, is not known' };

/** What a policy makes of bugs on a kernel with hardware tags, by the rules of the audit. */
export class PolicyRules {
  readonly policy: Policy;
  readonly #rules: DetectionRules;
  readonly #writeOnly: DetectionRules;

  /** @throws UsageError if the policy names flags that Linux 7.3 does not have */
  constructor(policy: Policy, config: KernelConfig) {
    this.policy = policy;
    this.#rules = new DetectionRules({ config, policy });
    const detection = { ...config.detection, writeOnly: true };
    this.#writeOnly = new DetectionRules({ config: { ...config, detection }, policy });
  }

  theory(shown: ShownBug): Theory {
    return theoryBy(this.#rules, shown);
  }

  withWriteOnly(shown: ShownBug): Theory {
    return theoryBy(this.#writeOnly, shown);
  }

  /** What its decision hangs on that the report does not tell. */
  hangsOn({ memories }: ShownBug): ReadonlySet<ConditionName> {
    return new Set(memories.flatMap((memory) => [...this.#rules.hangsOn(memory)]));
  }

  /** Whether it lets memory be tagged. */
  tags(memory: Memory): boolean {
    return this.#rules.tags(memory);
  }
}

function theoryBy(rules: DetectionRules, { bugs, memories, access }: ShownBug): Theory {
  if (bugs.length === 0 || memories.length === 0) return UNKNOWN;
  const accesses: readonly BugAccess[] = access === undefined ? ['read', 'write'] : [access];
  return eitherOf(
    memories.flatMap((memory) =>
      bugs.flatMap((bug) => accesses.map((kind) => rules.theory({ bug, access: kind, memory }))),
    ),
  );
}

export function caughtBy(theory: Theory): Caught {
  const { low, high, reason } = theory;
  const isOpen = high - low > SAME_SHARE;
  return { value: isOpen ? null : low, low, high, certainty: certainty(theory), why: reason };
}

/** What a policy makes of a bug beside the kernel's own. */
export function verdictOf(own: Theory, rules: PolicyRules, shown: ShownBug): PolicyVerdict {
  const theory = rules.theory(shown);
  return { policy: rules.policy.name, change: changeOf(own, theory), ...caughtBy(theory) };
}

const isSame = (a: Theory, b: Theory): boolean =>
  Math.abs(a.low - b.low) <= SAME_SHARE && Math.abs(a.high - b.high) <= SAME_SHARE;
const isZero = ({ high }: Theory): boolean => high <= SAME_SHARE;

function changeOf(own: Theory, other: Theory): CaughtChange {
  if (isZero(own)) return isZero(other) ? 'never' : other.low > SAME_SHARE ? 'more' : 'undecidable';
  if (own.low > SAME_SHARE) {
    if (isZero(other)) return 'missed';
    if (isSame(own, other)) return 'kept';
    if (
      other.high < own.low - SAME_SHARE ||
      (other.low < own.low - SAME_SHARE && other.high <= own.high + SAME_SHARE)
    ) {
      return other.low <= SAME_SHARE && other.high - other.low > SAME_SHARE && other.high >= own.low
        ? 'undecidable'
        : 'less';
    }
    return other.low >= own.high - SAME_SHARE || other.low >= own.low - SAME_SHARE ? 'more' : 'undecidable';
  }
  return 'undecidable';
}

/** When a mismatch is noticed with a mode that looks later. */
export function whenNoticed(
  config: KernelConfig,
  mode: 'async' | 'asymm',
  access: BugAccess | undefined,
  { high }: Theory,
): string {
  if (high <= SAME_SHARE) return 'never';
  if (access === undefined) return 'at once or later, as the access is a read or a write';
  const later = isNoticedLater({ ...config, detection: { ...config.detection, mode } }, access);
  return later
    ? 'later: at the next entry to the kernel or switch of task, without address, object and stack'
    : 'at once, as in sync mode';
}
