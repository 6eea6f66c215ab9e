import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { PAGE_HASHES } from './page-hashes.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

test('the policy of a page names the style sheet and the script that it has', () => {
  expect(PAGE_HASHES).toEqual({ style: sha256(PAGE_STYLE), script: sha256(PAGE_SCRIPT) });
});
