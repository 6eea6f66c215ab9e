import { bySentence, type ClaimKind, type Judgement } from '../claim.ts';
import { againstCoverage, realReportsText } from '../real-reports.ts';
import type { Surroundings } from '../rule.ts';

const COVERAGE =
  /\b(?:coverage|detection|protection|security)\b.{0,80}\b(?:unchanged|unaffected|preserved|(?:not|n't|never)\s+(?:be\s+)?(?:lost|reduced|changed?|affected|weakened|regress\w*)|(?:stays?|remains?|is|are) the same)|\b(?:no|without|any)\b.{0,30}\b(?:loss|reduction|change|regression)\b.{0,30}\b(?:coverage|detection|protection)|\bdoes(?: not|n't) (?:reduce|lose|affect|change|weaken)\b.{0,40}\b(?:coverage|detection|protection)/i;

const NOT_AUDITED: Judgement = {
  verdict: 'not decidable',
  is: 'No policy follows from the diffs, so there is nothing to audit.',
};

const percent = (share: number): string => `${Math.round(1000 * share) / 10} %`;

function coverage({ audited, reports }: Surroundings): Judgement {
  const against = againstCoverage(reports);
  if (audited === undefined) return against ?? NOT_AUDITED;
  const real = reports === undefined || against !== undefined ? '' : ` ${realReportsText(reports)}`;
  const { lost, kinds, notAudited, auditCommand: reproduce } = audited;
  const [one] = lost;
  if (one === undefined && against !== undefined) return against;
  if (one === undefined && notAudited.length > 0)
    return {
      verdict: 'not decidable',
      is: `The audit has no memory of ${notAudited.join(', ')}, which is not tagged any more; of the ${kinds} kinds of bugs that it has none is detected less often.${real}`,
      reproduce,
    };
  if (one === undefined)
    return {
      verdict: 'confirmed',
      is: `Of ${kinds} kinds of bugs none is detected less often, as the kernel reaches its memory.${real}`,
      reproduce,
    };
  return {
    verdict: 'refuted',
    is: `${lost.length} of ${kinds} kinds of bugs are detected less often, for example ${one.bug} in ${one.class}: ${percent(one.before)} before, ${percent(one.after)} after.`,
    reproduce,
  };
}

export const coverageUnchanged: ClaimKind = {
  kind: 'coverage-unchanged',
  about: 'Nothing is detected less often.',
  claimsIn: bySentence(COVERAGE, (_, { surroundings }) => coverage(surroundings)),
};

const MATCH_ALL =
  /\bmatch[- ]all\b|\b(?:never|not|only)\b.{0,40}\b(?:through|via|by|with|using)\b.{0,20}\b(?:un)?tagged (?:pointer|address)/i;

export const matchAllOnly: ClaimKind = {
  kind: 'match-all-only',
  about: 'Memory is reached by match-all pointers alone.',
  claimsIn: bySentence(MATCH_ALL, (_, { surroundings: { audited }, series }) => {
    if (audited === undefined) return NOT_AUDITED;
    const classes = series.skippedClasses;
    if (classes.length === 0) return NOT_AUDITED;
    if (series.skippedSites.length > 0)
      return {
        verdict: 'not decidable',
        is: `By which pointers the memory of ${series.skippedSites.join(', ')} is reached is not known.`,
      };
    const others = classes.filter((name) => !audited.matchAllOnly.includes(name));
    return others.length === 0
      ? {
          verdict: 'confirmed',
          is: `The kernel reaches ${classes.join(' and ')} by match-all pointers, in the audit's table of routes.`,
          reproduce: audited.auditCommand,
        }
      : {
          verdict: 'refuted',
          is: `${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} reached by tagged pointers too.`,
          reproduce: audited.auditCommand,
        };
  }),
};
