import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailbox, mailsOf } from '../../src/series/mail-series.testdata.ts';
import { SEED_MERGED, SEED_V1 } from '../../src/series/seed-series.testdata.ts';
import { tagSetting, type InstructionCounts } from '../../src/mte/instruction.ts';
import { shellCommand } from '../../src/options/shell-quote.ts';
import { longestLine, tagscope, unwrapped } from './command.testdata.ts';

// The series of 2026, written anew: cases/series/README.md.
const V1 = 'cases/series/v1.mbox';
const V4 = 'cases/series/v4.mbox';

interface AuditedCell {
  readonly change: string;
  readonly from: { readonly hypothetical: boolean };
}

interface TestedCase {
  readonly name: string;
  readonly change: string;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-review-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the mailboxes are what the tests build', () => {
  const text = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(text(V1)).toBe(new TextDecoder().decode(mailbox(...mailsOf(SEED_V1))));
  expect(text(V4)).toBe(new TextDecoder().decode(mailbox(...mailsOf(SEED_MERGED))));
});

/** Few trials: the rules decide what is lost. */
const review = (args: readonly string[], around: Parameters<typeof tagscope>[1] = {}) =>
  tagscope(['review', ...args, '-q', '--trials', '2'], around);

describe('review', () => {
  test('version 1: its policy, five questions, the claims', async () => {
    const { code, stdout, stderr } = await review([V1]);
    expect([code, stderr]).toEqual([0, '']);
    expect(unwrapped(stdout)).toContain('amounts to the policy series-v1: 5 questions. No kind of bug');
    expect(longestLine(stdout)).toBeLessThanOrEqual(100);
    expect((await review([V1, '--exit-code'])).code).toBe(1);
  });

  test('versions in one mailbox: the newest is judged, and what became of the questions to the others is said', async () => {
    const { code, stdout } = await review([V1, V4, '--json', '--exit-code']);
    expect(code).toBe(0);
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({
      aboutTagging: true,
      series: { version: 4 },
      policy: { name: 'series', notUnderstood: [] },
      questions: [],
      history: [{ version: 1, settled: expect.arrayContaining([expect.stringMatching(/^mask-users\//)]), open: [] }],
    });
  });

  test('every command that stands beside a figure runs, and gives it', async () => {
    const { stdout } = await review([V4, '--json']);
    const result = JSON.parse(stdout) as {
      predictions: { command: string; total: { from: { tagInstructions: number }; to: { tagInstructions: number } } }[];
      audit: { auditCommand: string; lost: unknown[] };
    };
    expect(result.predictions.length).toBeGreaterThan(0);
    for (const { command, total } of result.predictions) {
      const again = await tagscope([...command.split(' ').slice(1), '--json', '-q']);
      const { runs } = JSON.parse(again.stdout) as { runs: { totals: { instructions: InstructionCounts } }[] };
      expect(runs.map(({ totals }) => tagSetting(totals.instructions))).toEqual([
        total.from.tagInstructions,
        total.to.tagInstructions,
      ]);
    }
    const audit = await tagscope([...result.audit.auditCommand.split(' ').slice(1), '-q']);
    expect([audit.code, result.audit.lost]).toEqual([0, []]);
    expect(unwrapped(audit.stdout)).toContain('nothing is detected less often');
  });

  test('the command beside a question or a claim runs for a policy of the series alone too', async () => {
    const pipe =
      'static struct page *anon_pipe_get_page(struct pipe_inode_info *pipe)\n{\n\treturn alloc_page(GFP_HIGHUSER);\n}\n';
    const mbox = join(folder, 'pipe.mbox');
    const edits = [{ path: 'fs/pipe.c', from: '(GFP_HIGHUSER)', to: '(GFP_HIGHUSER | __GFP_SKIP_KASAN)' }];
    const patches = [{ subject: 'pipe: do not tag', message: 'Detection is unchanged.', edits }];
    writeFileSync(mbox, mailbox(...mailsOf({ version: 1, files: { 'fs/pipe.c': pipe }, patches })));
    const policy = join(folder, 'pipe.json');
    const { stdout } = await review([mbox, '--policy-out', policy, '--json']);
    const { audit, questions, claims } = JSON.parse(stdout) as {
      audit: { lost: readonly unknown[]; auditCommand: string };
      questions: readonly { rule: string; evidence: readonly { reproduce: string | null }[] }[];
      claims: readonly { verdict: string; reproduce: string | null }[];
    };
    expect(claims.map(({ verdict }) => verdict)).toEqual(['refuted']);
    const commands = new Set(
      [...questions.flatMap(({ evidence }) => evidence), ...claims].flatMap(({ reproduce }) => reproduce ?? []),
    );
    expect([...commands].filter((command) => !command.includes(' --claim '))).toEqual([audit.auditCommand]);
    // What stands behind && once the first part has written the policy.
    const words = audit.auditCommand.slice(audit.auditCommand.indexOf('&& tagscope ') + 12).split(' ');
    const again = await tagscope([...words, '--json', '-q']);
    const { cells } = JSON.parse(again.stdout) as {
      cells: readonly { change: string; from: { hypothetical: boolean } }[];
    };
    const lost = cells.filter(({ change, from }) => change === 'lost' && !from.hypothetical);
    expect([lost.length > 0, lost.length]).toEqual([true, audit.lost.length]);
  });

  test('the two commands that questions and claims show give what is said, with a tree too', async () => {
    const before =
      'static void *___kmalloc_large_node(size_t size, gfp_t flags, int node)\n{\n\tpage = alloc_pages_node(node, flags | __GFP_COMP, order);\n}\n';
    const tree = join(folder, 'tree');
    mkdirSync(join(tree, 'mm'), { recursive: true });
    writeFileSync(join(tree, 'mm/slub.c'), before);
    const mbox = join(folder, 'large.mbox');
    const edits = [{ path: 'mm/slub.c', from: '| __GFP_COMP', to: '| __GFP_COMP | __GFP_SKIP_KASAN' }];
    const patches = [{ subject: 'mm/slub: do not tag large kmalloc', message: 'Detection is unchanged.', edits }];
    writeFileSync(mbox, mailbox(...mailsOf({ version: 1, files: { 'mm/slub.c': before }, patches })));
    const { stdout } = await review([mbox, '--tree', tree, '--json']);
    const { audit, questions, claims } = JSON.parse(stdout) as {
      audit: { lost: readonly unknown[]; auditCommand: string; conformCommand: string };
      questions: readonly { rule: string; text: string; evidence: readonly { reproduce: string | null }[] }[];
      claims: readonly { reproduce: string | null }[];
    };
    const commands = [...questions.flatMap(({ evidence }) => evidence), ...claims].map(({ reproduce }) => reproduce);
    // src/review/reviewed.testdata.ts holds each rule and claim to these two.
    expect(new Set(commands.filter((command) => command !== null && !command.includes(' --claim ')))).toEqual(
      new Set([audit.auditCommand, audit.conformCommand]),
    );
    const json = async (command: string): Promise<{ cells?: AuditedCell[]; cases?: TestedCase[] }> =>
      JSON.parse((await tagscope([...command.split(' ').slice(1), '--json', '-q'])).stdout);
    const { cells = [] } = await json(audit.auditCommand);
    const lost = cells.filter(({ change, from }) => change === 'lost' && !from.hypothetical);
    expect([lost.length > 0, lost.length]).toEqual([true, audit.lost.length]);
    const { cases = [] } = await json(audit.conformCommand);
    const failing = cases.filter(({ change }) => change === 'fails').map(({ name }) => name);
    const asked = questions.filter(({ rule }) => rule === 'kunit-outcome').map(({ text }) => text.split(' ')[1]);
    expect([asked.length > 0, asked.toSorted()]).toEqual([true, failing.toSorted()]);
  });

  test('each claim shows a command; where it is the review of the claim alone, that says the same of it', async () => {
    interface JudgedClaim {
      readonly kind: string;
      readonly text: string;
      readonly is: string;
      readonly verdict: string;
      readonly reproduce: string | null;
    }
    const claimsOf = async (words: readonly string[]): Promise<readonly JudgedClaim[]> =>
      (JSON.parse((await tagscope([...words, '--json', '-q'])).stdout) as { claims: readonly JudgedClaim[] }).claims;
    const claims = await claimsOf(['review', V1, '--trials', '2']);
    expect(claims.filter(({ reproduce }) => reproduce === null)).toEqual([]);
    const alone = claims.filter(({ reproduce }) => reproduce?.includes(' --claim ') === true);
    expect(new Set(alone.map(({ kind }) => kind))).toEqual(
      new Set(['percentage', 'tag-instructions-per-page', 'other-modes-unchanged']),
    );
    for (const { kind, text, is, verdict, reproduce } of alone) {
      expect(reproduce).toBe(shellCommand(['tagscope', 'review', V1, '--claim', text, '--trials', '2']));
      const again = await claimsOf(['review', V1, '--claim', text, '--trials', '2']);
      expect(again).toContainEqual(expect.objectContaining({ kind, text, is, verdict }));
    }
  });

  test('a trace is predicted as diff predicts it', async () => {
    const trace = 'cases/ftrace-text/arm64-stacks.trace';
    const { stdout } = await review([V4, '--trace', trace, '--json']);
    const { predictions } = JSON.parse(stdout) as { predictions: { of: string; byClass: unknown; command: string }[] };
    const prediction = predictions.find(({ of }) => of === trace);
    expect(prediction?.command).toBe(`tagscope diff ${trace} --from before-series --to series`);
    const diff = await tagscope(['diff', trace, '--from', 'before-series', '--to', 'series', '--json', '-q']);
    expect(prediction?.byClass).toEqual((JSON.parse(diff.stdout) as { byClass: unknown }).byClass);
  });

  test('real reports are judged as explain judges them, and the command beside them gives the same', async () => {
    const log = 'cases/kasan-reports/baseline-sync-max.log.zst';
    const json = join(folder, 'explained.json');
    const explain = ['explain', log, '--from', 'before-series', '--policy', 'series', '--trials', '0'];
    const explained = await tagscope([...explain, '--json', '-q', '-o', json]);
    expect(explained.code).toBeLessThanOrEqual(1);
    const { summary } = JSON.parse(readFileSync(json, 'utf8')) as {
      summary: { distinct: number; policies: readonly Record<string, unknown>[] };
    };
    const { stdout } = await review([V4, '--explained', json, '--json']);
    const { reports, claims } = JSON.parse(stdout) as {
      reports: Record<string, unknown> & { command: string; worse: readonly unknown[] };
      claims: readonly { kind: string; verdict: string; is: string }[];
    };
    const [{ kept, less, missed, more, never, undecidable }] = summary.policies;
    expect(reports).toMatchObject({ kept, less, missed, more, never, undecidable });
    expect(reports.worse).toHaveLength(Number(less) + Number(missed));
    expect(reports.command).toBe(`tagscope ${explain.slice(0, 6).join(' ')}`);
    const coverage = claims.find(({ kind }) => kind === 'coverage-unchanged');
    expect([coverage?.verdict, coverage?.is.includes('of real reports')]).toEqual([
      Number(less) + Number(missed) === 0 ? 'confirmed' : 'refuted',
      true,
    ]);
  });

  test('what is no explained report is refused with its place', async () => {
    const bad = join(folder, 'bad.json');
    for (const [text, says] of [
      ['', 'it is empty'],
      ['{"schema": "tagscope.report"}', 'tagscope.explain'],
      ['{"schema": "tagscope.explain", "reports": [{"log": "a"}]}', 'line 1'],
      ['{"schema": "tagscope.explain", "reports": []}', 'no report of a bug'],
      ['not json', 'line 1'],
    ] as const) {
      writeFileSync(bad, text);
      const { code, stderr } = await tagscope(['review', V4, '--explained', bad]);
      expect([code, unwrapped(stderr).includes(says), stderr]).toEqual([3, true, stderr]);
    }
  });

  test('a mail for each patch that is asked about, no wider than 72 columns but for what it quotes', async () => {
    const { stdout } = await review([V1, '--format', 'mail']);
    const mails = stdout.split(/^From 0{40} /m).slice(1);
    expect(mails.map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]?.slice(0, 16))).toEqual([
      'Re: [PATCH 1/3] ',
      'Re: [PATCH 2/3] ',
      'Re: [PATCH 3/3] ',
    ]);
    for (const mail of mails) {
      expect(mail).toMatch(/^In-Reply-To: <.+>$/m);
      const own = mail
        .slice(mail.indexOf('\n\n'))
        .split('\n')
        .filter((line) => !line.startsWith('>') && !line.startsWith('  '));
      for (const line of own) expect(line.length).toBeLessThanOrEqual(72);
    }
  });

  test('b4 gets its array, other reviewers their facts', async () => {
    const b4 = await review([V4, '--format', 'b4']);
    expect(JSON.parse(b4.stdout)).toMatchObject([{ tool: 'tagscope', status: 'pass' }]);
    const facts = await review([V1, '--format', 'facts']);
    expect(facts.stdout.split('\n').length).toBeLessThanOrEqual(101);
  });

  test('from the standard input, from a folder, and with the policy as a file that other commands take', async () => {
    const bytes = readFileSync(new URL(`../../${V4}`, import.meta.url));
    const piped = await review(['-', '--format', 'b4'], { stdin: bytes });
    expect(piped.code).toBe(0);
    writeFileSync(join(folder, '0001.patch'), bytes);
    const policy = join(folder, 'policy.json');
    const { code } = await review([folder, '--policy-out', policy]);
    expect(code).toBe(0);
    const bench = await tagscope(['bench', 'thread', '--threads', '2', '--iterations', '1', '--policy', policy, '-q']);
    expect(bench.code).toBe(0);
  });

  test('a mailbox as lore delivers it, compressed', async () => {
    const packed = join(folder, 't.mbox.gz');
    writeFileSync(packed, gzipSync(readFileSync(new URL(`../../${V4}`, import.meta.url))));
    const { code, stdout } = await review([packed, '--format', 'b4']);
    expect([code, stdout]).toEqual([0, (await review([V4, '--format', 'b4'])).stdout]);
    writeFileSync(packed, gzipSync(readFileSync(new URL(`../../${V4}`, import.meta.url))).subarray(0, 900));
    expect((await review([packed])).code).toBe(3);
  });

  test('patches that are not about tagging: one line, and nothing asked', async () => {
    const other = mailbox(
      ...mailsOf({
        version: 1,
        files: { 'net/core/dev.c': 'int a;\nint b;\n' },
        patches: [
          {
            subject: 'net: rename',
            message: 'Faster.',
            edits: [{ path: 'net/core/dev.c', from: 'int a;', to: 'int c;' }],
          },
        ],
      }),
    );
    const { code, stdout } = await review(['-', '--exit-code'], { stdin: other });
    expect(code).toBe(0);
    expect(unwrapped(stdout)).toContain('about memory tagging, so there is nothing to ask');
  });

  test.each([
    ['an empty input', ['review', '-'], 3, 'it is empty'],
    ['a trace', ['review', 'cases/ftrace-text/arm64-stacks.trace'], 3, 'expected a patch'],
    ['a folder without patches', ['review', 'docs'], 3, 'a directory without patches'],
    ['a file that is not there', ['review', 'nothing.mbox'], 3, 'nothing.mbox'],
    ['a tree that is none', ['review', V4, '--tree', 'docs'], 3, 'a directory without mm, kernel, include or arch'],
    ['a kernel that is none', ['review', V4, '--base', '7.3'], 2, 'before-series, with-series'],
    ['its own input as output', ['review', V4, '--policy-out', V4, '--force'], 2, 'the file is read'],
  ])('%s is said', async (_, args, expected, says) => {
    const { code, stderr } = await tagscope(args);
    expect([code, unwrapped(stderr).includes(says), stderr]).toEqual([expected, true, stderr]);
  });
});
