import type { FlagChange } from '../flag-changes.ts';
import { maskOf } from '../mask.ts';
import { atChange } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { piecesAfter, type Understood } from '../understood.ts';

const FLAG = '__GFP_ZEROTAGS';

/** A list of flags that may be passed or are taken out is no allocation's mask. */
const isList = ({ carrier, name, expression }: FlagChange): boolean =>
  expression.some(({ text }) => text === '~') ||
  (carrier === 'definition' && /_MASK$|_SUPPORTED$|_ALLOWED$/.test(name));

/** Whether the memory may be zeroed too: the mask says so, or has a part that is not known. */
function mayBeZeroed(series: Understood, change: FlagChange): boolean {
  if (change.to.flags.has('__GFP_ZERO')) return true;
  if (change.carrier === 'assignment' && change.to.rest.size === 0) {
    const values = piecesAfter(series, change.file)
      .flatMap(({ statements }) => statements.assignments)
      .filter(({ variable, function: name }) => variable === change.name && name === change.function)
      .map(({ value }) => maskOf(value, series.names.after));
    // Only where all that the variable gets is known, a whole mask among it.
    return (
      !values.some(({ flags, rest }) => flags.size > 1 && rest.size === 0) ||
      values.some(({ flags }) => flags.has('__GFP_ZERO'))
    );
  }
  return change.to.rest.size > 0;
}

export const zerotagsAlone: Rule = {
  id: 'zerotags-alone',
  about: '__GFP_ZEROTAGS is passed where memory is not zeroed.',
  follows: 'not-zeroed',
  ask(series) {
    const findings: Finding[] = [];
    for (const change of series.changes) {
      const comes = change.gained.includes(FLAG);
      const staysAlone = change.to.flags.has(FLAG) && change.lost.includes('__GFP_ZERO');
      if ((!comes && !staysAlone) || isList(change) || mayBeZeroed(series, change)) continue;
      findings.push({
        ...atChange(change),
        text: `${FLAG} sets tags only when memory is zeroed too; here it is not. Is that meant?`,
        evidence: [
          inSource(
            'mm/page_alloc.c:post_alloc_hook, 7.3: tags are zeroed with the memory, where __GFP_ZERO or init_on_alloc asks for it',
          ),
        ],
        modes: [],
        about: change.name,
      });
    }
    return findings;
  },
};
