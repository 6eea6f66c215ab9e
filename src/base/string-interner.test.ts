import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringInterner } from './string-interner.ts';

describe('StringInterner', () => {
  it('numbers strings in order of first appearance and gives them back', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('', '__proto__', 'constructor'))), (texts) => {
        const interner = new StringInterner();
        const ids = texts.map((text) => interner.intern(text));
        const distinct = [...new Set(texts)];
        expect(interner.size).toBe(distinct.length);
        expect(ids).toEqual(texts.map((text) => distinct.indexOf(text)));
        expect(ids.map((id) => interner.text(id))).toEqual(texts);
        for (const text of distinct) expect(interner.find(text)).toBe(distinct.indexOf(text));
      }),
    );
  });

  it('does not know what it was not given', () => {
    const interner = new StringInterner();
    expect(interner.find('a')).toBeUndefined();
    expect(interner.text(0)).toBe('');
    interner.intern('a');
    expect(interner.find('b')).toBeUndefined();
  });
});
