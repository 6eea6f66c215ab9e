import type { Call } from '../../c-source/statements.ts';
import type { Piece } from '../pieces.ts';
import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';

/** What must come before what in one function. Steps of one row are in order. */
interface Order {
  readonly path: string;
  readonly steps: readonly { readonly name: string; readonly calls: RegExp }[];
  readonly source: string;
}

export const ORDERS: readonly Order[] = [
  {
    path: 'allocation',
    steps: [
      { name: 'arch_alloc_page', calls: /^arch_alloc_page$/ },
      { name: 'debug_pagealloc_map_pages', calls: /^debug_pagealloc_map_pages$/ },
      { name: 'kernel_unpoison_pages', calls: /^kernel_unpoison_pages$/ },
      { name: 'tag clear', calls: /^tag_clear_highpages?$/ },
      { name: 'kasan unpoison', calls: /^_{0,2}kasan_unpoison_pages$|^kasan_alloc_pages$/ },
      { name: 'clear', calls: /^kernel_init_(?:free_)?pages$|^clear_highpages?(?:_kasan_tagged)?$/ },
    ],
    source: 'mm/page_alloc.c:post_alloc_hook, 7.3',
  },
  {
    path: 'free',
    steps: [
      { name: 'should_skip_kasan_poison', calls: /^should_skip_kasan_poison$/ },
      { name: 'kernel_poison_pages', calls: /^kernel_poison_pages$/ },
      { name: 'kasan poison', calls: /^_{0,2}kasan_poison_pages$|^kasan_free_(?:nondeferred_)?pages$/ },
      { name: 'arch_free_page', calls: /^arch_free_page$/ },
      { name: 'debug_pagealloc_unmap_pages', calls: /^debug_pagealloc_unmap_pages$/ },
    ],
    source: 'mm/page_alloc.c:__free_pages_prepare, 7.3',
  },
];

interface Violation {
  readonly order: Order;
  /** Comes too early. */
  readonly early: Call;
  /** Should have come before. */
  readonly late: Call;
}

/** Calls of one function that stand in another order than they must. */
function violationsIn(pieces: readonly Piece[]): readonly (Violation & { readonly piece: Piece })[] {
  return pieces.flatMap((piece) =>
    ORDERS.flatMap((order) =>
      [...new Set(piece.statements.calls.map((call) => call.function))].flatMap((name) => {
        if (name === undefined) return [];
        const steps = piece.statements.calls
          .filter((call) => call.function === name)
          .map((call) => ({ call, step: order.steps.findIndex(({ calls }) => calls.test(call.callee)) }))
          .filter(({ step }) => step >= 0);
        return steps.flatMap((early, index) =>
          steps
            .slice(index + 1)
            .filter((late) => late.step < early.step)
            .map((late) => ({ piece, order, early: early.call, late: late.call })),
        );
      }),
    ),
  );
}

const keyOf = ({ early, late }: Violation): string => `${early.function ?? ''}:${early.callee}:${late.callee}`;

export const hookOrder: Rule = {
  id: 'hook-order',
  about: 'Hooks of one function come in an order in which one cannot do its work.',
  follows: 'crash',
  ask(series) {
    const findings: Finding[] = [];
    for (const file of series.files) {
      const before = new Set(violationsIn(file.before).map(keyOf));
      for (const violation of violationsIn(file.after)) {
        const { piece, order, early, late } = violation;
        const where = atAdded(piece, late.line) ?? atAdded(piece, early.line);
        if (before.has(keyOf(violation)) || where === undefined) continue;
        findings.push({
          ...where,
          text: `${late.callee}() now comes after ${early.callee}(). Can ${late.callee}() still work there?`,
          evidence: [inSource(`${order.source}: at ${order.path} ${late.callee}() comes first`)],
          modes: [],
          about: `${early.callee}:${late.callee}`,
        });
      }
    }
    return findings;
  },
};
