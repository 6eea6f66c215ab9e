import { describe, expect, test } from 'vitest';
import { FIRST_VERSION, reviewOf, TWO_VERSIONS } from '../../../test/reviewed-series.testdata.ts';
import { reviewHtml } from './review-html.ts';

const textOf = (html: string): string =>
  html
    .replace(/<(script|style)>[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

describe('a review as a page', () => {
  test('each question stands once, below the line that it is about, and is linked from the list', async () => {
    const result = await reviewOf(FIRST_VERSION);
    const html = reviewHtml(result);
    expect(result.questions).toHaveLength(5);
    for (const { text } of result.questions) expect(textOf(html).split(text)).toHaveLength(2);
    const targets = [...html.matchAll(/href="#(q-[^"]+)"/g)].map(([, id]) => id);
    expect(new Set(targets).size).toBe(5);
    for (const id of targets) expect(html.split(`id="${id}"`)).toHaveLength(2);
    const above = html.slice(0, html.indexOf('aria-label="Question: mask-users"')).split('class="line');
    expect(textOf(`<${above[above.length - 1]}`)).toContain('THREADINFO_GFP | __GFP_SKIP_KASAN');
  });

  test('a browser breaks no line inside an option', async () => {
    const html = reviewHtml(await reviewOf(FIRST_VERSION));
    expect(html).toMatch(/<small>the model: thread <span class="option">--threads<\/span> 16/);
  });

  test('the thread: cover letter, patches, diffs, replies, and earlier versions beside', async () => {
    const result = await reviewOf(TWO_VERSIONS);
    const text = textOf(reviewHtml(result));
    for (const said of [
      'Cover letter: KASAN: HW_TAGS: Disable tagging for stack and page-tables',
      '3/3: mm: skip KASAN tagging for page-allocated page tables',
      '+#define GFP_PGTABLE_KERNEL\t(GFP_KERNEL | __GFP_ZERO | __GFP_SKIP_KASAN)',
      '2 replies to patch 1',
      'What of the metadata?',
      'Version 1 and version 4',
      '5 questions settled',
      'Signed-off-by: Ann Author <ann@example.org>',
      'tagscope review series.mbox',
    ])
      expect(text).toContain(said);
    for (const { is } of result.claims) expect(text).toContain(is);
    for (const { path } of result.series.changes ?? []) expect(text).toContain(path);
  });

  test('what is not about tagging is shown too, without figures', async () => {
    const diff = 'diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int a;\n+int b;\n';
    const html = reviewHtml(
      await reviewOf(
        new TextEncoder().encode(`From: A <a@example.org>\nSubject: [PATCH] rename a\n\nWhy.\n---\n${diff}`),
      ),
    );
    expect(textOf(html)).toContain('nothing to ask');
    expect(html).not.toContain('class="figures"');
  });
});
