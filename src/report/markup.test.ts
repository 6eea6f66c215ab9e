import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markup, NOTHING } from './markup.ts';

test('what stands in a template is markup, what is put into it is text', () => {
  expect(markup`<b title="${'"x"'}">${"<i> & 'y'"}</b>`.text).toBe(
    '<b title="&quot;x&quot;">&lt;i&gt; &amp; &#39;y&#39;</b>',
  );
});

test('markup stays markup, lists are joined, numbers are written', () => {
  expect(markup`<ul>${[1, '<', [markup`<li/>`, NOTHING]]}</ul>`.text).toBe('<ul>1&lt;<li/></ul>');
});

test('whatever is put in ends no element, no attribute and no comment', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const made = markup`${text}`.text;
      expect(made).not.toMatch(/[<>"']/);
      // Every & begins an entity that is written here; and no character is left that XML does not allow.
      expect(made.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      expect(made).toMatch(/^[\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
    }),
  );
});
