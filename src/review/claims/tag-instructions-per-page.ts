import { bytes } from '../../base/units.ts';
import { cpuProfile, DEFAULT_CPU, type CpuProfile } from '../../mte/cpu.ts';
import { rangeInstructions } from '../../mte/tag-range.ts';
import { bySentence, type ClaimKind, type Judgement } from '../claim.ts';

/** `256 tag setting instructions per 4k page`. */
const PHRASE =
  /\b(\d{1,6})\s+(?:(?:tag|MTE|memory)[- ]?)?(?:tag[- ]?)?(?:set(?:ting)?|stor(?:e|ing)|writ(?:e|ing)|STG)?\s*instructions?\s+(?:per|for (?:each|every)|on (?:each|every)|for a)\s+(?:(\d{1,3})\s?[kK](?:i?[bB])?\s+)?page/;

const GRANULE = 16;
/** Sizes of DC blocks that cores have (DCZID_EL0.BS of 3 to 9). */
const BLOCKS: readonly number[] = [32, 64, 128, 256, 512, 1024, 2048];

const withBlock = (dcBlock: number): CpuProfile => ({ ...cpuProfile(DEFAULT_CPU), dcBlock: bytes(dcBlock) });

function judge(sentence: string): Judgement | undefined {
  const [, said = '', kibibytes = '4'] = PHRASE.exec(sentence) ?? [];
  if (said === '') return undefined;
  const page = Number(kibibytes) * 1024;
  const count = Number(said);
  const granules = page / GRANULE;
  const usual = rangeInstructions(withBlock(64), 0, page);
  const facts = `A page of ${kibibytes} KiB is ${granules} granules; a CPU executes ${usual} tag-setting instructions for it with DC blocks of 64 bytes, ${rangeInstructions(withBlock(512), 0, page)} with 512, and ${granules} only where DC GVA is prohibited (DCZID_EL0.DZP).`;
  if (count === granules) return { verdict: 'confirmed', is: `As granules. ${facts}` };
  const blocks = BLOCKS.filter((size) => rangeInstructions(withBlock(size), 0, page) === count);
  if (blocks.length > 0)
    return { verdict: 'confirmed', is: `With DC blocks of ${blocks.join(' or ')} bytes. ${facts}` };
  return { verdict: 'refuted', is: facts };
}

export const tagInstructionsPerPage: ClaimKind = {
  kind: 'tag-instructions-per-page',
  about: 'How many instructions tag a page.',
  claimsIn: bySentence(PHRASE, judge),
};
