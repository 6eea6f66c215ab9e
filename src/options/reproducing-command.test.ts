import { expect, test } from 'vitest';
import { CHECK } from './commands/check.ts';
import { CONFORM } from './commands/conform.ts';
import { DIFF } from './commands/diff.ts';
import { REPORT } from './commands/report.ts';
import { reproducingCommand } from './reproducing-command.ts';

test('a plain report is a plain command, wherever and however it is written', () => {
  expect(reproducingCommand(REPORT, ['a.trace'], { color: true })).toBe('tagscope report a.trace');
  expect(
    reproducingCommand(REPORT, ['-'], { color: false, json: true, output: 'x', force: true, quiet: true, jobs: '3' }),
  ).toBe('tagscope report -');
});

test('defaults that are given are left out, and what a shell would take apart is quoted', () => {
  expect(
    reproducingCommand(REPORT, ['my trace'], {
      policy: 'as-recorded',
      // The default is what the trace says, which may be another one.
      kernel: '7.3',
      cpu: 'max',
      cmdline: 'kasan.page_alloc.sample=10 init_on_alloc=1',
      top: '20',
      strict: true,
    }),
  ).toBe(
    "tagscope report 'my trace' --kernel 7.3 --cpu max --cmdline 'kasan.page_alloc.sample=10 init_on_alloc=1' --strict --top 20",
  );
});

test('what only lays tables out is part of the command lines that lay them out', () => {
  const given = { by: 'comm', top: '3', since: '1' } as const;
  expect(reproducingCommand(REPORT, ['a'], given)).toBe('tagscope report a --since 1 --by comm --top 3');
  expect(reproducingCommand(CHECK, ['a'], { ...given, budget: ['losses<=0'] })).toBe(
    "tagscope check a --budget 'losses<=0' --since 1",
  );
});

test('options that are given several times, or have several words, are so again', () => {
  expect(reproducingCommand(DIFF, ['a'], { with: ['b', '-c'], comm: ['gcc*', 'ld'], pid: ['1'] })).toBe(
    "tagscope diff a --with b ./-c --comm 'gcc*' --comm ld --pid 1",
  );
});

test('a switch that takes something away is there when it was given', () => {
  const options = [{ name: 'vmapStack', negated: true, help: 'kernel stacks of pages', reproduces: true }] as const;
  const bench = { name: 'bench', options };
  expect(reproducingCommand(bench, ['thread'], { vmapStack: true })).toBe('tagscope bench thread');
  expect(reproducingCommand(bench, ['thread'], { vmapStack: false })).toBe('tagscope bench thread --no-vmap-stack');
});

test('a file that looks like an option does not become one', () => {
  expect(reproducingCommand(DIFF, ['-x', 'b'], { policy: 'series' })).toBe('tagscope diff ./-x b --policy series');
});

test('parameters of the kernel may be none where a log has some', () => {
  expect(reproducingCommand(CONFORM, [], { against: 'log', cmdline: '' })).toBe(
    "tagscope conform --against log --cmdline ''",
  );
});
