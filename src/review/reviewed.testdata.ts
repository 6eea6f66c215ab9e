import { applySeries } from '../series/apply-series.ts';
import {
  mailboxOf,
  type SourceFiles,
  type TestEdit,
  type TestPatch,
  type TestSeries,
} from '../series/mail-series.testdata.ts';
import { readSeries } from '../series/read-series.ts';
import { newestOf } from '../series/series.ts';
import { ask } from './ask.ts';
import type { AuditedPolicy } from './audited-policy.ts';
import type { Claim } from './claim.ts';
import { claimsOf } from './claims.ts';
import { policyOfSeries, type PolicyOfSeries } from './policy-of-series.ts';
import type { Question } from './question.ts';
import { understand, type KernelTree, type Understood } from './understood.ts';

/** An audit that lost nothing, as that of the series does. */
export const NOTHING_LOST: AuditedPolicy = {
  kinds: 321,
  lost: [],
  matchAllOnly: ['kernel-stack', 'page-table'],
  notAudited: [],
  failingTests: [],
  auditCommand: 'tagscope audit',
  conformCommand: 'tagscope conform',
};

export interface Reviewed {
  readonly understood: Understood;
  readonly policy: PolicyOfSeries;
  readonly questions: readonly Question[];
  /** Ids of the rules that ask, sorted. */
  readonly rules: readonly string[];
  readonly claims: readonly Claim[];
}

/** Reviews a series through its mails, as a command would. */
export async function reviewed(
  series: TestSeries,
  { audited = NOTHING_LOST, tree }: { readonly audited?: AuditedPolicy; readonly tree?: KernelTree } = {},
): Promise<Reviewed> {
  const version = newestOf(await readSeries([{ name: 'series.mbox', bytes: mailboxOf(series) }]));
  const upTo = (patch: number): Understood => {
    const patches = version.patches.filter(({ number }) => number <= patch);
    return understand({ ...version, patches }, applySeries(patches, tree), { tree });
  };
  const understood = upTo(version.patches.length);
  const surroundings = { audited, upTo };
  const questions = ask(understood, surroundings);
  const claims = claimsOf(understood, surroundings);
  // test/end-to-end/review.test.ts runs these commands: a rule or claim that shows another one has to add it there.
  const commands = new Set([audited.auditCommand, audited.conformCommand]);
  for (const { reproduce } of [...questions.flatMap(({ evidence }) => evidence), ...claims])
    if (reproduce !== null && !commands.has(reproduce)) throw new Error(`no test runs the command: ${reproduce}`);
  return {
    understood,
    policy: policyOfSeries(understood),
    questions,
    rules: questions.map(({ rule }) => rule).toSorted(),
    claims,
  };
}

/** A series of one patch to one file, which is the file's text before and after. */
export const onePatch = (
  path: string,
  before: string,
  edits: readonly (readonly [from: string, to: string])[],
  {
    subject = 'mm: change something about KASAN',
    message = 'Tags.',
  }: Partial<Pick<TestPatch, 'subject' | 'message'>> = {},
): TestSeries =>
  manyPatches({ [path]: before }, [
    { subject, message, edits: edits.map(([from, to]): TestEdit => ({ path, from, to })) },
  ]);

/** A series of several patches. */
export const manyPatches = (files: SourceFiles, patches: readonly TestPatch[]): TestSeries => ({
  version: 1,
  files,
  patches,
});
