import type { AuditedPolicy } from './audited-policy.ts';
import type { Consequence, Finding } from './question.ts';
import type { RealReports } from './real-reports.ts';
import type { Understood } from './understood.ts';

/** What a rule may look at beyond the series itself. */
export interface Surroundings {
  /** What the series as a policy loses, on the model; undefined where no policy follows from it. */
  readonly audited: AuditedPolicy | undefined;
  /** What becomes of real reports, where some are given. */
  readonly reports?: RealReports | undefined;
  /** The state after the patches up to a number. */
  upTo(patch: number): Understood;
}

/** A rule of review: what to look for and what to ask. Each has a page in docs/review/. */
export interface Rule {
  readonly id: string;
  /** One sentence for lists. */
  readonly about: string;
  readonly follows: Consequence;
  /**
   * Questions on the final state of a series. A question whose evidence is not there is not asked.
   */
  ask(series: Understood, surroundings: Surroundings): readonly Finding[];
}
