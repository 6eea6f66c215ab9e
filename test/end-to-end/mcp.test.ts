import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT, tagscope } from './command.testdata.ts';

interface Answer {
  readonly id: number;
  readonly result?: { readonly isError: boolean; readonly content: readonly { readonly text: string }[] };
  readonly error?: { readonly code: number };
}

async function asked(...calls: readonly (readonly [name: string, given: unknown])[]): Promise<readonly Answer[]> {
  const lines = calls.map(([name, given], id) =>
    JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } }),
  );
  const { stdout, stderr, code } = await tagscope(['mcp'], { stdin: `${lines.join('\n')}\nnot json` });
  expect([stderr, code]).toEqual(['', 0]);
  return stdout
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line));
}

test('a session: each tool, a path that is not there, and what is no JSON', { timeout: 120_000 }, async () => {
  const files = readdirSync(ROOT).toSorted();
  const [facts, predicted, audited, claims, own, none, explained, missing, broken] = await asked(
    ['series_facts', { series: ['cases/series/v4.mbox'] }],
    ['predict', { trace: 'cases/ftrace-text/arm64-stacks.trace' }],
    ['audit_policy', { policy: 'series', trials: '2' }],
    ['check_claim', { series: ['cases/series/v1.mbox'], kind: 'percentage' }],
    [
      'check_claim',
      {
        series: ['cases/series/v1.mbox'],
        claim: 'Detection is unchanged. It takes 2.000 s -> 1.000 s, 90 % less. No functional change.',
      },
    ],
    ['check_claim', { series: ['cases/series/v1.mbox'], claim: 'It is a fine series.' }],
    ['explain_report', { log: 'cases/kasan-reports/patched-async-max.log.zst', policy: ['series'] }],
    ['explain_report', { log: 'no/such.log' }],
  );
  const textOf = ({ result }: Answer): string => result?.content[0]?.text ?? '';
  expect([facts, predicted, audited, claims, explained].map(({ result }) => result?.isError)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(textOf(facts)).toContain('amounts to the policy series');
  expect(textOf(predicted)).toContain('tagscope diff');
  expect(textOf(audited)).toContain('tagscope audit');
  expect(JSON.parse(textOf(claims)).claims).toMatchObject([{ verdict: 'confirmed' }, { verdict: 'confirmed' }]);
  // The audit finds nothing lost; half is 50 % less or 100 % more; masks gain a flag.
  expect(JSON.parse(textOf(own)).claims).toMatchObject([
    { kind: 'percentage', verdict: 'refuted' },
    { kind: 'coverage-unchanged', verdict: 'confirmed' },
    { kind: 'no-functional-change', verdict: 'refuted' },
  ]);
  expect(JSON.parse(textOf(none))).toMatchObject({
    claims: [],
    kinds: expect.arrayContaining([{ kind: 'zeroed-as-before', about: expect.any(String) }]),
  });
  expect(textOf(explained)).toContain('KASAN');
  expect(missing.result?.isError).toBe(true);
  expect(textOf(missing)).toContain('no/such.log: no such file');
  expect(broken.error?.code).toBe(-32700);
  expect(readdirSync(ROOT).toSorted()).toEqual(files);
});
