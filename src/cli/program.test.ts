import { Command as Parser } from 'commander';
import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ArgumentsOf, Command } from '../options/command.ts';
import { COMMANDS } from '../options/commands.ts';
import { flagOf, formOf, helpOf, type Given, type GivenValues, type Option } from '../options/option.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { addCommand, createProgram } from './program.ts';

/** A command that there is not, with an option of each kind. */
const COUNT = {
  name: 'count',
  about: 'counts',
  arguments: [
    { form: '<file>', help: 'what is counted' },
    { form: '[more...]', help: 'more of it' },
  ],
  options: [
    { name: 'mostRows', short: 'm', value: 'n', whole: [1, 9], default: '7', help: 'rows', reproduces: true },
    {
      name: 'unit',
      value: 'unit',
      choices: ['bytes', 'pages'],
      otherwise: 'what fits',
      help: 'unit',
      reproduces: true,
    },
    { name: 'name', value: 'glob', several: 'times', help: 'what has this name', reproduces: true },
    { name: 'not', value: 'file', several: 'words', help: 'what is left out', reproduces: true, reads: 'file' },
    { name: 'twice', help: 'count again', reproduces: true },
    { name: 'zeros', negated: true, help: 'leave out what is not there', reproduces: true },
    { name: 'loud', help: 'say so' },
  ],
  formats: ['text'],
  examples: 'Examples: none\n',
  ending: 'Exits 1 for nothing.',
} as const satisfies Command;

/** What its parser makes of words. */
function parse(...words: readonly string[]): Given<typeof COUNT.options> {
  const program = new Parser('tagscope').exitOverride().configureOutput({ writeErr: () => {} });
  const parser = addCommand(program, COUNT).action(() => {});
  program.parse(['count', ...words], { from: 'user' });
  return parser.opts();
}

describe('one row is enough for an option', () => {
  test('types of what is given', () => {
    expectTypeOf<Given<typeof COUNT.options>>().toEqualTypeOf<{
      readonly mostRows?: string;
      readonly unit?: 'bytes' | 'pages';
      readonly name?: readonly string[];
      readonly not?: readonly string[];
      readonly twice?: boolean;
      readonly zeros?: boolean;
      readonly loud?: boolean;
    }>();
    expectTypeOf<ArgumentsOf<typeof COUNT.arguments>>().toEqualTypeOf<readonly [string, readonly string[]]>();
  });

  test('help', () => {
    let help = '';
    const program = new Parser('tagscope').configureOutput({ writeOut: (text) => void (help += text) });
    addCommand(program, COUNT).outputHelp();
    expect(help).toMatch(/^Examples: none\n/);
    expect(help).toMatch(/-m, --most-rows <n> +rows \(default: 7\)\n/);
    expect(help).toMatch(/--unit <unit> +unit \(default: what fits\)\n/);
    expect(help).toMatch(/--name <glob> +what has this name\n/);
    expect(help).toMatch(/--not <file...> +what is left out\n/);
    expect(help).toMatch(/--twice +count again\n/);
    expect(help).toMatch(/--no-zeros +leave out what is not there\n/);
    expect(help).toMatch(/\nExits 1 for nothing\.\n$/);
  });

  test('parser', () => {
    expect(parse('f')).toEqual({ zeros: true });
    expect(
      parse('f', '-m', '3', '--unit', 'Pages', '--name', 'a*', '--name=b', '--not', 'x', 'y', '--no-zeros', '--loud'),
    ).toEqual({
      mostRows: '3',
      unit: 'pages',
      name: ['a*', 'b'],
      not: ['x', 'y'],
      zeros: false,
      loud: true,
    });
    expect(() => parse('f', '--unit', 'miles')).toThrow('--unit miles: unknown');
  });

  test('the command that reproduces a result is read as the same options', () => {
    const given = parse(
      'f',
      '--loud',
      '--no-zeros',
      '--not',
      'x y',
      'z',
      '--twice',
      '--name',
      'a*',
      '--most-rows',
      '3',
    );
    const command = reproducingCommand(COUNT, ['f'], given);
    expect(command).toBe("tagscope count f --most-rows 3 --name 'a*' --not 'x y' z --twice --no-zeros");
    const { loud: _, ...figures } = given;
    expect(parse('f', '--most-rows', '3', '--name', 'a*', '--not', 'x y', 'z', '--twice', '--no-zeros')).toEqual(
      figures,
    );
    expect(reproducingCommand(COUNT, ['f'], parse('f', '--most-rows', '7'))).toBe('tagscope count f');
  });
});

/** Words as a POSIX shell takes them apart: bare ones, and quoted ones with what is between the quotes as it is. */
const wordsOf = (line: string): readonly string[] =>
  (line.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? []).map((word) =>
    word.replace(
      /'([^']*)'|\\(')/g,
      (_, quoted: string | undefined, escaped: string | undefined) => quoted ?? escaped ?? '',
    ),
  );

/** Values of an option that may be given, and are not what holds without it. */
function valuesFor({ value, several, choices, whole, negated, ...option }: Option): fc.Arbitrary<GivenValues[string]> {
  if (value === undefined) return fc.constant(negated !== true);
  const text = fc.string({ minLength: 1, maxLength: 8 }).filter((some) => !some.startsWith('-'));
  const one = whole === undefined ? text : fc.integer({ min: whole[0], max: whole[1] }).map(String);
  const some = (choices === undefined ? one : fc.constantFrom(...choices)).filter((v) => v !== option.default);
  return several === undefined ? some : fc.array(some, { minLength: 1, maxLength: 3 });
}

describe.each(COMMANDS.map((command) => [command.name, command] as const))('%s', (name, command: Command) => {
  const { options } = command;

  test('names each option once, and no flag is two', () => {
    expect(new Set(options.map((option) => flagOf(option))).size).toBe(options.length);
    const shorts = options.flatMap(({ short = [] }) => short);
    expect(new Set(shorts).size).toBe(shorts.length);
  });

  test('has all of its options in its help', async () => {
    const stdout = new PassThrough();
    const surroundings = { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} };
    const program = createProgram(surroundings, '0', () => {});
    program.commands.find((parser) => parser.name() === name)?.outputHelp();
    const help = String(stdout.read()).replace(/\s+/g, ' ');
    for (const option of options) expect(help).toContain(` ${formOf(option)} ${helpOf(option)}`);
  });

  test('reads what it says reproduces a result as what was given', () => {
    const figures = options.filter(({ reproduces }) => reproduces === true);
    const given = fc.record(Object.fromEntries(figures.map((option) => [option.name, valuesFor(option)])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(given, (values) => {
        const program = new Parser('tagscope').exitOverride().configureOutput({ writeErr: () => {} });
        const parser = addCommand(program, command).action(() => {});
        const files = command.arguments.map((_, index) => `file ${index}`);
        const [tool, ...words] = wordsOf(reproducingCommand(command, files, values));
        program.parse(words, { from: 'user' });
        expect([tool, ...parser.args]).toEqual(['tagscope', ...files]);
        const { color: _, ...read } = parser.opts();
        expect({ ...read }).toEqual({ ...('vmapStack' in read ? { vmapStack: true } : {}), ...values });
      }),
      { numRuns: 30 },
    );
  });

  test('has defaults that it takes itself', () => {
    for (const { choices, whole, default: usual } of options) {
      if (usual === undefined) continue;
      if (choices !== undefined) expect(choices).toContain(usual);
      if (whole === undefined) continue;
      expect(Number(usual)).toBeGreaterThanOrEqual(whole[0]);
      expect(Number(usual)).toBeLessThanOrEqual(whole[1]);
    }
  });
});
