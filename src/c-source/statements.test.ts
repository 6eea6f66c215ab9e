import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { functionNameOf, functionsOf, macrosOf } from './definitions.ts';
import { statementsOf, textOf, type Condition } from './statements.ts';

const source = (text: string, heading?: string) => ({ firstLine: 1, lines: text.split('\n'), heading });
const conditions = (all: readonly Condition[]): readonly string[] =>
  all.map(({ tokens, holds }) => (holds ? textOf(tokens) : `!(${textOf(tokens)})`));
const callsIn = (text: string, heading?: string) =>
  statementsOf(source(text, heading)).calls.map((call) => ({
    callee: call.callee,
    arguments: call.arguments.map(textOf),
    function: call.function,
    if: conditions(call.conditions),
    config: conditions(call.configurations),
    alone: call.alone,
  }));

describe('functions', () => {
  test('a head at the margin begins one, a brace at the margin ends it', () => {
    const text = 'static int f(int a,\n\t     int b)\n{\n\treturn a;\n}\n\nvoid *g(void)\n{';
    expect(functionsOf(source(text))).toEqual([
      { name: 'f', firstLine: 1, lastLine: 5 },
      { name: 'g', firstLine: 7, lastLine: 8 },
    ]);
  });

  test('what comes before the first head is in the function of the hunk header', () => {
    const text = '\tx = 1;\n}\n\nint g(void);\n\nint h(void)\n{\n}';
    expect(functionsOf(source(text, 'static void outer(struct task_struct *tsk)'))).toEqual([
      { name: 'outer', firstLine: 1, lastLine: 2 },
      { name: 'h', firstLine: 6, lastLine: 8 },
    ]);
  });

  test('attributes are no names', () => {
    expect(functionNameOf('static __printf(1, 2) void say(const char *fmt, ...)')).toBe('say');
    expect(functionNameOf('struct s {')).toBeUndefined();
  });

  test('prototypes and labels are no functions', () => {
    expect(functionsOf(source('int f(int a,\n      int b);\nout:\n\tg();'))).toEqual([]);
  });
});

describe('macros', () => {
  test('only a bracket that touches the name begins parameters', () => {
    const macros = macrosOf(source('#define A (B | C)\n#define F(x, y) ((x) | (y))\n#define NOTHING'));
    expect(macros.map(({ name, parameters, body }) => [name, parameters, textOf(body)])).toEqual([
      ['A', undefined, '(B | C)'],
      ['F', ['x', 'y'], '((x) | (y))'],
      ['NOTHING', undefined, ''],
    ]);
  });
});

describe('calls', () => {
  test('a call over several lines has its arguments, and the function around it', () => {
    const text = 'int f(void)\n{\n\tp = alloc(SIZE,\n\t\t  GFP_KERNEL | __GFP_ZERO,\n\t\t  g(node));\n}';
    expect(callsIn(text)).toEqual([
      {
        callee: 'alloc',
        arguments: ['SIZE', 'GFP_KERNEL | __GFP_ZERO', 'g(node)'],
        function: 'f',
        if: [],
        config: [],
        alone: false,
      },
      { callee: 'g', arguments: ['node'], function: 'f', if: [], config: [], alone: false },
    ]);
  });

  test('conditions of if and else stand around a call, with braces and without', () => {
    const text =
      'void f(void)\n{\n\tif (!enabled())\n\t\ta();\n\telse {\n\t\tb();\n\t}\n\tif (x) {\n\t\tif (y)\n\t\t\tc();\n\t}\n\td();\n}';
    expect(callsIn(text).map(({ callee, if: around }) => [callee, around])).toEqual([
      ['enabled', []],
      ['a', ['!enabled()']],
      ['b', ['!(!enabled())']],
      ['c', ['x', 'y']],
      ['d', []],
    ]);
  });

  /** Calls of one letter, with the conditions around them, and those that an `if` before them leaves. */
  const around = (...lines: readonly string[]) =>
    statementsOf(source(`void f(void)\n{\n${lines.join('\n')}\n}`))
      .calls.filter(({ callee }) => callee.length === 1)
      .map(({ callee, conditions: inside, passed }) => [callee, conditions(inside), conditions(passed)]);

  test('else if has the conditions before it negated, and so has the last else; what is nested does not matter', () => {
    expect(around('if (x) {', '\tif (n)', '\t\ta();', '} else if (y) {', '\tb();', '} else', '\tc();', 'd();')).toEqual(
      [
        ['a', ['x', 'n'], []],
        ['b', ['!(x)', 'y'], []],
        ['c', ['!(x)', '!(y)'], []],
        ['d', [], []],
      ],
    );
  });

  test('an else without braces belongs to the if next to it', () => {
    expect(around('if (x)', '\tif (y)', '\t\ta();', '\telse', '\t\tb();', 'else', '\tc();', 'd();')).toEqual([
      ['a', ['x', 'y'], []],
      ['b', ['x', '!(y)'], []],
      ['c', ['!(x)'], []],
      ['d', [], []],
    ]);
  });

  test('the heads of loops and of macros that stand for loops ask nothing', () => {
    expect(
      around(
        'for_each_cpu(cpu)',
        '\tif (x)',
        '\t\ta();',
        'for (i = 0; i < n; i++) {',
        '\tb();',
        '}',
        'while (g())',
        '\tc();',
      ),
    ).toEqual([
      ['a', ['x'], []],
      ['b', [], []],
      ['g', [], []],
      ['c', [], []],
    ]);
  });

  test('goto leaves until its label, continue and break as long as their loop lasts', () => {
    expect(
      around(
        'if (x)',
        '\tgoto out;',
        'if (y) {',
        '\tg(1);',
        '\tgoto err;',
        '}',
        'a();',
        'out:',
        'b();',
        'err:',
        'c();',
      ),
    ).toEqual([
      ['g', ['y'], ['!(x)']],
      ['a', [], ['!(x)', '!(y)']],
      ['b', [], ['!(y)']],
      ['c', [], []],
    ]);
    expect(
      around(
        'for_each(p) {',
        '\tif (x)',
        '\t\tcontinue;',
        '\ta();',
        '}',
        'for_each(p)',
        '\tif (y)',
        '\t\tbreak;',
        'b();',
      ),
    ).toEqual([
      ['a', [], ['!(x)']],
      ['b', [], []],
    ]);
  });

  test('each case begins anew', () => {
    expect(
      around('switch (k) {', 'case 1:', '\tif (x)', '\t\tbreak;', '\ta();', 'default:', '\tb();', '}', 'c();'),
    ).toEqual([
      ['a', [], ['!(x)']],
      ['b', [], []],
      ['c', [], []],
    ]);
  });

  test('behind an else if that returns its condition does not hold, if the branches before it return too', () => {
    expect(around('if (x)', '\treturn;', 'else if (y)', '\treturn;', 'a();').at(-1)).toEqual([
      'a',
      [],
      ['!(x)', '!(y)'],
    ]);
    expect(around('if (x)', '\tg();', 'else if (y)', '\treturn;', 'a();').at(-1)).toEqual(['a', [], []]);
    expect(around('if (x)', '\tg();', 'else', '\treturn;', 'a();').at(-1)).toEqual(['a', [], []]);
  });

  test('#if, #else and #ifndef stand around a call', () => {
    const text = '#ifdef CONFIG_A\n\ta();\n#else\n\tb();\n#endif\n#ifndef CONFIG_B\n\tc();\n#elif D\n\td();\n#endif';
    expect(callsIn(text, 'void f(void)').map(({ callee, config }) => [callee, config])).toEqual([
      ['a', ['defined(CONFIG_A)']],
      ['b', ['!(defined(CONFIG_A))']],
      ['c', ['!(defined(CONFIG_B))']],
      ['d', ['defined(CONFIG_B)', 'D']],
    ]);
  });

  test('a call that is a statement is told from one whose result is used', () => {
    const text = '\tset_tag(p, 1);\n\tq = set_tag(p, 2);\n\treturn set_tag(p, 3);\n\tif (set_tag(p, 4))\n\t\tg();';
    expect(callsIn(text, 'f()').map(({ arguments: [, tag], alone }) => [tag, alone])).toEqual([
      ['1', true],
      ['2', false],
      ['3', false],
      ['4', false],
      [undefined, true],
    ]);
  });

  test('calls in the body of a macro are in the macro', () => {
    expect(callsIn('#define FREE(p) do { \\\n\tkfree(p); \\\n} while (0)')).toEqual([
      { callee: 'kfree', arguments: ['p'], function: 'FREE', if: [], config: [], alone: true },
    ]);
  });

  test('the suffix of allocation profiling is no part of a name', () => {
    expect(callsIn('\tp = kmalloc_noprof(1, GFP_KERNEL);', 'f()').map(({ callee }) => callee)).toEqual(['kmalloc']);
  });
});

describe('assignments', () => {
  test('initialisers, members and operators', () => {
    const text = '\tgfp_t flags = GFP_KERNEL;\n\tctx->gfp |= __GFP_ZERO;\n\tflags &= ~__GFP_ZERO;\n\ta == b;';
    expect(
      statementsOf(source(text)).assignments.map(({ variable, operator, value }) => [
        variable,
        operator,
        textOf(value),
      ]),
    ).toEqual([
      ['flags', '=', 'GFP_KERNEL'],
      ['gfp', '|=', '__GFP_ZERO'],
      ['flags', '&=', '~__GFP_ZERO'],
    ]);
  });
});

test('whatever the text, statements are read to the end', () => {
  const piece = fc.constantFrom(
    'if (',
    ')',
    '(',
    '{',
    '}',
    ';',
    'else',
    ' = ',
    ',',
    'f',
    '\n',
    '#if A\n',
    '#else\n',
    '#endif\n',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => {
      statementsOf(source(pieces.join('')));
    }),
    { numRuns: 2000 },
  );
});
