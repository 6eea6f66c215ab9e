import { describe, expect, it } from 'vitest';
import { InputError, quoted } from './errors.ts';

describe('quoted', () => {
  it('shows control characters and anything but ASCII as question marks', () => {
    expect(quoted('a\u001b[31mb\nc\u0000é')).toBe('"a?[31mb?c??"');
  });

  it('cuts what is too long', () => {
    expect(quoted('x'.repeat(81))).toBe(`"${'x'.repeat(80)}…"`);
    expect(quoted('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
  });
});

describe('InputError', () => {
  it('says where, what was found and what was expected', () => {
    const error = new InputError({
      where: 'a.trace, line 3',
      found: '"x"',
      expected: 'a number',
      advice: 'Cut it out.',
    });
    expect(error.message).toBe('a.trace, line 3: found "x"; expected a number.');
    expect(error.advice).toBe('Cut it out.');
    expect(error).toBeInstanceOf(Error);
  });
});
