import type { PolicyGroup } from '../policy/built-in.ts';
import type { Action, FlagUse, Policy, PolicyMatch } from '../policy/policy.ts';
import { detail, layOut } from './layout.ts';
import { counted } from './number-format.ts';
import { printable } from './printable.ts';
import { labelled, wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/**
 * What shows the texts of a policy. Its file may be anybody's: nothing of it reaches a terminal as it is. It may break its
 * lines where it likes, since they are broken anew.
 */
const shownIn =
  ({ unicode }: Pick<TextOptions, 'unicode'>) =>
  (text: string): string =>
    printable(text.replace(/\s+/g, ' '), unicode);

/** What a policy means, in a sentence: the first one of its description. */
const firstSentence = ({ description }: Policy): string => /^.*?\.(?=\s|$)/s.exec(description)?.[0] ?? description;

/** All policies that can be named, by group, with a sentence each. Ends with a newline. */
export function renderPolicies(groups: readonly PolicyGroup[], usual: string, options: TextOptions): string {
  const names = groups.flatMap(({ policies }) => policies.map(({ name }) => name));
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const line = (policy: Policy): string[] => {
    const text = shownIn(options)(firstSentence(policy));
    return labelled(
      shownIn(options)(policy.name),
      width,
      policy.name === usual ? `${text} This is the default.` : text,
      proseWidth(options),
    );
  };
  return layOut(
    [
      [],
      ...groups.map(({ title, policies }) =>
        detail(
          'what each means',
          [options.style.strong(title), ...policies.flatMap(line)],
          ...wrap(
            `${title}: ${policies.map(({ name }) => shownIn(options)(name === usual ? `${name} (the default)` : name)).join(', ')}`,
            proseWidth(options),
            '  ',
          ),
        ),
      ),
      wrap(
        '`tagscope policies NAME` shows what a policy means in full, where it is from, its rules, and what the kernel would have to pass. `tagscope compare` sets what they save beside what they leave undetected.',
        proseWidth(options),
      ),
    ],
    options,
  );
}

const LABEL_WIDTH = 11;

/** One policy in full. Ends with a newline. */
export function renderPolicy(policy: Policy, options: TextOptions): string {
  const width = proseWidth(options);
  const shown = shownIn(options);
  const { name, description, source, rules, otherwise, flags = [] } = policy;
  const { strong } = options.style;
  return layOut(
    [
      [...wrap(shown(name), width).map(strong), ...wrap(shown(description), width)],
      ...(source === ''
        ? []
        : [detail('the source', labelled('Source', LABEL_WIDTH, shown(source), width), `Source: ${shown(source)}`)]),
      [
        strong('Rules; the first that applies decides'),
        ...rules.flatMap(({ match, action }) => labelled(`  ${action}`, LABEL_WIDTH, shown(matchText(match)), width)),
        ...labelled(`  ${otherwise}`, LABEL_WIDTH, rules.length === 0 ? 'everything' : 'everything else', width),
        ...[...new Set([...rules.map(({ action }) => action), otherwise])].flatMap((action) =>
          labelled('', 2, ACTION_TEXT[action], width).map(options.style.faint),
        ),
      ],
      ...kasanLines(policy, options),
      ...(flags.length === 0
        ? []
        : [
            detail(
              'what the kernel would have to say',
              [strong('What the kernel would have to say'), ...flags.flatMap((use) => flagLines(use, options))],
              `The kernel would have to say so at ${counted(flags.length, 'place')}: ${flags.map(({ where }) => shown(where)).join('; ')}`,
            ),
          ]),
    ],
    options,
  );
}

const ACTION_TEXT: { readonly [Which in Action]: string } = {
  tag: 'tag: the memory is tagged, whatever flags are passed.',
  skip: 'skip: as if __GFP_SKIP_KASAN were passed; no tag is written at allocation, nor at free.',
  kernel:
    'kernel: as the flags of the traced kernel say, or those of 7.3 where it had none: user memory, stacks and page tables are skipped.',
};

function matchText(match: PolicyMatch): string {
  const { class: classes, site, function: functions, comm, gfp, order } = match;
  const parts = [
    list('class', classes),
    list('call site', site),
    list('a function of the stack', functions),
    list('command', comm),
    list('mask with', gfp, ' and '),
    order === undefined ? '' : `order ${order.min ?? 0} to ${order.max ?? 'any'}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everything' : parts.join('; ');
}

const list = (what: string, values: readonly string[] | undefined, between = ', '): string =>
  values === undefined ? '' : `${what} ${values.join(between)}`;

const FREED = {
  poison: 'poisoned, as in Linux 7.3',
  keep: 'not touched: it keeps its tag until somebody else gets it',
  redraw: 'given a new random tag, which its next owner takes over',
} as const;

const NEW_SLABS = {
  tag: '',
  skip: 'The pages of a new slab are marked by slab alone, not tagged by the page allocator before.',
  leave: 'A new slab is marked by nobody: it has the tags that its pages came with.',
} as const;

function kasanLines({ kasan = {} }: Policy, { style, ...options }: TextOptions): string[][] {
  const { freedPages, freedObjects, newSlabs, largeKmalloc, draws, sample } = kasan;
  const width = proseWidth({ style, ...options });
  const lines = [
    freedPages === undefined || freedPages === 'poison' ? '' : `A freed page is ${FREED[freedPages]}.`,
    freedObjects === undefined || freedObjects === 'poison' ? '' : `A freed slab object is ${FREED[freedObjects]}.`,
    newSlabs === undefined ? '' : NEW_SLABS[newSlabs],
    largeKmalloc === 'hooks'
      ? 'A kmalloc too large for a cache is tagged and poisoned by the hooks of kmalloc and kfree, not by the page allocator.'
      : '',
    draws === 'distinct'
      ? 'A tag of an object or a page is drawn from those that its memory did not have before, and that what lies on both sides does not have.'
      : '',
    sample === undefined
      ? ''
      : `Of page allocations of order ${sample.order} and more one in ${sample.every} is tagged.`,
  ].filter((line) => line !== '');
  if (lines.length === 0) return [];
  return [
    [
      style.strong('When tags are written, otherwise than in Linux 7.3'),
      ...lines.flatMap((line) => labelled('', 2, line, width)),
    ],
  ];
}

const FLAG_WIDTH = 20;

function flagLines({ where, class: classes, says, why }: FlagUse, options: TextOptions): string[] {
  const width = proseWidth(options);
  const shown = shownIn(options);
  return [
    ...labelled(
      `  ${says === '' ? '(no flag)' : shown(says)}`,
      FLAG_WIDTH,
      shown(`${where} (${classes.join(', ')})`),
      width,
    ),
    ...(why === '' ? [] : labelled('', FLAG_WIDTH, shown(why), width)),
  ];
}
