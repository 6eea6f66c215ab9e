import { expect, test } from 'vitest';
import type { Policy } from '../policy/policy.ts';
import { renderPolicies, renderPolicy } from './policy-text.ts';
import { textOptions } from './report-result.testdata.ts';

/** ECMA-48: what follows ESC [ tells a terminal something; here, to write in red. */
const RED = 'x\u001b[31m';

const COLOURED: Policy = {
  name: RED,
  description: `${RED}. More\nof ${RED}`,
  source: RED,
  rules: [{ match: { site: [RED], function: [RED], comm: [RED], gfp: [RED] }, action: 'skip' }],
  otherwise: 'kernel',
  flags: [{ where: RED, class: ['pipe'], says: RED, why: RED }],
};

test('nothing in a policy file reaches the terminal as an escape sequence', () => {
  const text = renderPolicy(COLOURED, textOptions());
  expect(text).not.toContain('\u001b');
  // Name, two of the description, source, four conditions, three of the flag.
  expect(text.match(/x\?\[31m/g)).toHaveLength(11);
  const list = renderPolicies([{ title: 'Own', policies: [COLOURED] }], RED, textOptions());
  expect(list).not.toContain('\u001b');
  expect(list).toContain('x?[31m  x?[31m.');
});

test('a description may break its lines where it likes', () => {
  expect(renderPolicy(COLOURED, textOptions())).toContain('. More of x');
});
