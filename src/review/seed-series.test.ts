import { describe, expect, test } from 'vitest';
import { SEED_MERGED, SEED_V1 } from '../series/seed-series.testdata.ts';
import { reviewed } from './reviewed.testdata.ts';

// What reviewers asked of the series of 2026, and what became of it: lkml threads of 19 March and 29 April 2026.
describe('the series of 2026', () => {
  test('as first posted is the policy series-v1, and raises what its reviewers raised', async () => {
    const { policy, rules } = await reviewed(SEED_V1);
    expect([policy.policy.name, policy.base, policy.notUnderstood]).toEqual(['series-v1', 'before-series', []]);
    expect(rules).toEqual(['allow-list', 'comment-stale', 'flag-has-no-effect', 'flag-reaches-metadata', 'mask-users']);
  });

  test('the questions stand where the flag comes in', async () => {
    const { questions } = await reviewed(SEED_V1);
    const places = Object.fromEntries(
      questions.map(({ rule, patch, file, function: name }) => [rule, [patch, file, name]]),
    );
    expect(places).toMatchObject({
      'mask-users': [2, 'kernel/fork.c', 'alloc_thread_stack_node'],
      'allow-list': [1, 'mm/vmalloc.c', '__vmalloc_node_range_noprof'],
      'flag-has-no-effect': [3, 'include/asm-generic/pgalloc.h', null],
    });
  });

  test('as merged is the policy series, and raises nothing', async () => {
    const { policy, rules } = await reviewed(SEED_MERGED);
    expect([policy.policy.name, policy.base, policy.notUnderstood]).toEqual(['series', 'before-series', []]);
    expect(rules).toEqual([]);
  });

  test.each([
    ['as first posted', SEED_V1],
    ['as merged', SEED_MERGED],
  ])('%s: its claims', async (_, series) => {
    const { claims } = await reviewed(series);
    const of = (kind: string) => claims.filter((claim) => claim.kind === kind);
    // 2.575 s to 2.229 s is 13.44 % less, 19.08 s to 17.62 s is 7.65 %.
    expect(of('percentage').map(({ verdict, is }) => [verdict, /[\d.]+ % less/.exec(is)?.[0]])).toEqual([
      ['confirmed', '13.44 % less'],
      ['confirmed', '7.65 % less'],
    ]);
    expect(of('tag-instructions-per-page').map(({ verdict, is }) => [verdict, is.includes('As granules.')])).toEqual([
      ['confirmed', true],
    ]);
    expect(of('coverage-unchanged').map(({ verdict }) => verdict)).toEqual(['confirmed']);
  });

  test('ids of questions have nothing in them that a new version changes', async () => {
    const { questions } = await reviewed(SEED_V1);
    const later = await reviewed({
      ...SEED_V1,
      version: 2,
      files: { ...SEED_V1.files, 'mm/vmalloc.c': `/* One line more. */\n${SEED_V1.files['mm/vmalloc.c'] ?? ''}` },
    });
    expect(later.questions.map(({ id }) => id)).toEqual(questions.map(({ id }) => id));
  });
});
