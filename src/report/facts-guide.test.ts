import { expect, test } from 'vitest';
import { FLAG_COMMENTS, KNOWN_MASKS } from '../review/kernel-facts.ts';
import { RULES } from '../review/rules.ts';
import { factsGuide, kernelFacts } from './facts-guide.ts';

test('the guide fits on 100 lines, and names every rule and mask', () => {
  const guide = factsGuide();
  expect(guide.trimEnd().split('\n').length).toBeLessThanOrEqual(100);
  for (const { id } of RULES) expect(guide).toContain(`- ${id}: `);
  for (const { name } of KNOWN_MASKS) expect(guide).toContain(`- ${name} (`);
  for (const { flag } of FLAG_COMMENTS) expect(guide).toContain(flag);
});

test('of a series only what it names is said, beside what the flag does', () => {
  const facts = kernelFacts((name) => name === 'GFP_VMAP_STACK').join('\n');
  expect(facts).toContain('GFP_VMAP_STACK (kernel/fork.c)');
  expect(facts).not.toContain('GFP_PGTABLE_USER (');
  expect(facts).toContain('post_alloc_hook');
});
