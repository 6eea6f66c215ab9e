import { describe, expect, test } from 'vitest';
import { InputError, UsageError } from '../base/errors.ts';
import { BUILT_IN_POLICIES } from './built-in.ts';
import { builtInPolicy, unknownPolicy } from './named.ts';
import { parsePolicy } from './parse.ts';
import { kasanChanges } from './policy.ts';

const FILE = 'mine.json';
const parse = (value: unknown) => parsePolicy(JSON.stringify(value), FILE);
const rule = (match: unknown, action: unknown = 'skip') => ({ name: 'mine', rules: [{ match, action }] });

describe('a policy file', () => {
  test('the least there is: a name and no rules; the kernel decides', () => {
    expect(parse({ name: 'mine', rules: [] })).toEqual({
      name: 'mine',
      description: '',
      source: '',
      rules: [],
      otherwise: 'kernel',
    });
  });

  test('everything it can say', () => {
    const match = {
      class: ['mmu-gather', 'pipe'],
      site: ['tlb_*'],
      function: ['exit_mmap'],
      comm: ['make', 'cc1'],
      gfp: ['GFP_KERNEL', '__GFP_ZERO'],
      order: { min: 1, max: 3 },
    };
    const policy = {
      name: 'mine',
      description: 'why',
      source: 'me',
      rules: [{ match, action: 'tag' }],
      otherwise: 'skip',
    };
    expect(parse(policy)).toEqual(policy);
  });

  test('a single entry need not stand in brackets', () => {
    expect(
      parse(rule({ class: 'pipe', site: 'a', function: 'b', comm: 'c', gfp: '__GFP_ZERO' })).rules[0].match,
    ).toEqual({
      class: ['pipe'],
      site: ['a'],
      function: ['b'],
      comm: ['c'],
      gfp: ['__GFP_ZERO'],
    });
  });

  test('an order is that order alone; a range may be open', () => {
    expect(parse(rule({ order: 2 })).rules[0].match).toEqual({ order: { min: 2, max: 2 } });
    expect(parse(rule({ order: { min: 3 } })).rules[0].match).toEqual({ order: { min: 3 } });
    expect(parse(rule({ order: 0 })).rules[0].match).toEqual({ order: { min: 0, max: 0 } });
    expect(parse(rule({ order: 15 })).rules[0].match).toEqual({ order: { min: 15, max: 15 } });
  });

  test('an empty match is a rule for everything', () => {
    expect(parse(rule({})).rules).toEqual([{ match: {}, action: 'skip' }]);
  });
});

describe('an error names the file, the field, what was found and what was expected', () => {
  test.each<readonly [what: string, value: unknown, where: string, found: string, expected: RegExp]>([
    ['a misspelt key of a condition', rule({ clas: 'pipe' }), 'rules[0].match.clas', 'unknown key "clas"', /class/],
    [
      'a misspelt key of a rule',
      { name: 'mine', rules: [{ match: {}, acton: 'tag', action: 'tag' }] },
      'rules[0].acton',
      'unknown key "acton"',
      /match, action/,
    ],
    [
      'a misspelt key at the top',
      { name: 'mine', rules: [], othrwise: 'tag' },
      'othrwise',
      'unknown key "othrwise"',
      /otherwise/,
    ],
    [
      'a misspelt key of an order',
      rule({ order: { minimum: 1 } }),
      'rules[0].match.order.minimum',
      'unknown key "minimum"',
      /min, max/,
    ],
    ['a negative order', rule({ order: -1 }), 'rules[0].match.order', '-1', /0 to 15/],
    ['a negative order in a range', rule({ order: { min: -1 } }), 'rules[0].match.order.min', '-1', /0 to 15/],
    ['order 99', rule({ order: 99 }), 'rules[0].match.order', '99', /0 to 15/],
    ['order 99 in a range', rule({ order: { max: 99 } }), 'rules[0].match.order.max', '99', /0 to 15/],
    ['half an order', rule({ order: 1.5 }), 'rules[0].match.order', '1.5', /whole number/],
    ['an order as text', rule({ order: '2' }), 'rules[0].match.order', '"2"', /./],
    ['an unknown class', rule({ class: 'page-tables' }), 'rules[0].match.class', '"page-tables"', /page-table/],
    [
      'an unknown class in a list',
      rule({ class: ['pipe', 'pipes'] }),
      'rules[0].match.class[1]',
      '"pipes"',
      /user-anon/,
    ],
    ['an unknown action', rule({}, 'skp'), 'rules[0].action', '"skp"', /tag, skip, kernel/],
    [
      'an unknown last resort',
      { name: 'mine', rules: [], otherwise: 'maybe' },
      'otherwise',
      '"maybe"',
      /tag, skip, kernel/,
    ],
    ['a missing action', { name: 'mine', rules: [{ match: {} }] }, 'rules[0].action', 'nothing', /the key "action"/],
    ['a missing name', { rules: [] }, 'name', 'nothing', /the key "name"/],
    ['an empty name', { name: '', rules: [] }, 'name', 'an empty text', /not empty/],
    ['a name of spaces', { name: ' ', rules: [] }, 'name', '" "', /not empty/],
    ['missing rules', { name: 'mine' }, 'rules', 'nothing', /the key "rules"/],
    ['rules that are no list', { name: 'mine', rules: {} }, 'rules', 'an object', /a list/],
    ['a rule that is no object', { name: 'mine', rules: ['skip all'] }, 'rules[0]', '"skip all"', /an object/],
    ['a name that is no text', { name: 7, rules: [] }, 'name', '7', /a text in double quotes/],
    ['a site that is no text', rule({ site: 7 }), 'rules[0].match.site', '7', /./],
    ['an empty list', rule({ class: [] }), 'rules[0].match.class', 'an empty list', /at least one/],
    ['an empty list of sites', rule({ site: [] }), 'rules[0].match.site', 'an empty list', /at least one/],
    [
      'a range of no order',
      rule({ order: { min: 3, max: 1 } }),
      'rules[0].match.order',
      'an object',
      /"min" that is not above "max"/,
    ],
    ['an empty site', rule({ site: '' }), 'rules[0].match.site', 'an empty text', /not empty/],
    ['a flag that is none', rule({ gfp: 'ZERO' }), 'rules[0].match.gfp', '"ZERO"', /__GFP_ZERO/],
    ['no object at all', [], 'top level', 'a list', /an object/],
    ['nothing', null, 'top level', 'null', /an object/],
  ])('%s', (_what, value, where, found, expected) => {
    const error = thrownBy(JSON.stringify(value));
    expect(error.where.replace(/line 1, column \d+, /, '')).toBe(`policy ${FILE}, ${where}`);
    expect(error.found).toContain(found);
    expect(error.expected).toMatch(expected);
    expect(error.message).toContain(where);
    expect(error.advice).toContain('"rules"');
  });

  // The places are counted by hand: lines and columns from 1, as editors do.
  test.each<readonly [text: string, line: number, column: number, found: string, expected: string]>([
    ['', 1, 1, 'the end of the file', 'JSON'],
    ['{', 1, 2, 'the end of the file', 'a key'],
    ['name: mine', 1, 1, '"name"', 'JSON'],
    ['{"name": "mine",}', 1, 17, '"}"', 'no comma stands after the last one'],
    ['NaN', 1, 1, '"NaN"', 'JSON'],
    ['{"name": "mi', 1, 13, 'the end of the file', 'the quote'],
    ['{"name"', 1, 8, 'the end of the file', 'a colon'],
    ['{\n  "name": "mine"\n  "rules": []\n}', 3, 3, '""', 'a comma'],
    ['{\n  "name": mine\n}', 2, 11, '"mine"', 'a value'],
    ['{\n  // mine\n}', 2, 3, '"/"', 'a key in double quotes'],
    ['{"name": "two\nlines"}', 1, 10, 'a line break', String.raw`\n`],
    ['{"rules": [\n1 2]}', 2, 3, '"2"', 'a comma'],
    ['{"name": "mine", "rules": [], "name": "yours"}', 1, 31, 'the key "name" a second time', 'each key once'],
  ])('text that is not JSON: %j', (text, line, column, found, expected) => {
    const error = thrownBy(text);
    expect(error.where).toBe(`policy ${FILE}, line ${line}, column ${column}`);
    expect(error.found).toContain(found);
    expect(error.expected).toContain(expected);
  });

  test('what is wrong in JSON has line and column too: of a key that is unknown its own, of a value its own', () => {
    const text = '{\n  "name": "mine",\n  "rules": [\n    {"match": {"clas": "pipe"},\n     "action": "skip"}\n  ]\n}';
    expect(thrownBy(text).where).toBe(`policy ${FILE}, line 4, column 16, rules[0].match.clas`);
    const misspelt = text.replace('clas', 'class').replace('"pipe"', '"pip"');
    expect(thrownBy(misspelt).where).toBe(`policy ${FILE}, line 4, column 25, rules[0].match.class`);
  });

  test.each([
    ['a class', rule({ class: 'pagetable' }), 'Did you mean page-table?'],
    ['a class in a list', rule({ class: ['mmu_gather'] }), 'Did you mean mmu-gather?'],
    ['a key', rule({ clas: 'pipe' }), 'Did you mean class?'],
    ['an action', rule({}, 'skp'), 'Did you mean skip?'],
    ['a key at the top', { name: 'x', rule: [] }, 'Did you mean rules?'],
  ])('%s that is misspelt: what was meant', (_, value, advice) => {
    expect(thrownBy(JSON.stringify(value)).advice).toContain(advice);
  });

  test('a byte order mark is no part of the text', () => {
    expect(parsePolicy('\uFEFF{"name": "mine", "rules": []}', FILE).name).toBe('mine');
  });

  test('brackets without end are refused, not followed', () => {
    const deep = `{"name": "x", "rules": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(() => parsePolicy(deep, FILE)).toThrow(InputError);
    expect(() => parsePolicy('['.repeat(200_000), FILE)).toThrow(InputError);
  });

  test('a hostile key is shown in one line and bounded', () => {
    const error = thrownBy(JSON.stringify(rule({ [`${'x'.repeat(500)}\u001b[2J\n`]: 1 })));
    expect(error.found).not.toMatch(/[^\x20-\x7e…]/);
    expect(error.found.length).toBeLessThan(120);
  });
});

describe('names of policies', () => {
  test('a built-in one is found by its name', () => {
    expect(builtInPolicy('series')?.name).toBe('series');
    expect(builtInPolicy('Series')).toBeUndefined();
  });

  test('for an unknown one the known ones are listed', () => {
    const error = unknownPolicy('sries');
    expect(error.message).toContain('"sries"');
    expect(error.advice).toMatch(/before-series.*series.*all.*none/);
  });
});

function thrownBy(text: string): InputError {
  try {
    parsePolicy(text, FILE);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('when tags are written', () => {
  const parsed = (kasan: unknown) => parsePolicy(JSON.stringify({ name: 'mine', rules: [], kasan }), 'mine.json').kasan;

  test('what is not said is as in Linux 7.3', () => {
    expect(parsed({})).toEqual({
      freedPages: 'poison',
      freedObjects: 'poison',
      newSlabs: 'tag',
      largeKmalloc: 'pages',
      draws: 'any',
    });
    expect(parsed({ freedObjects: 'keep', draws: 'distinct', sample: { every: 10 } })).toEqual({
      freedPages: 'poison',
      freedObjects: 'keep',
      newSlabs: 'tag',
      largeKmalloc: 'pages',
      draws: 'distinct',
      sample: { every: 10, order: 3 },
    });
    expect(parsed(undefined)).toBeUndefined();
  });

  test.each([
    [{ freedPages: 'forget' }, 'kasan.freedPages', 'one of poison, keep, redraw'],
    [{ newSlabs: true }, 'kasan.newSlabs', 'one of tag, skip, leave'],
    [{ largeKmalloc: 'slab' }, 'kasan.largeKmalloc', 'one of pages, hooks'],
    [{ draws: 'odd' }, 'kasan.draws', 'one of any, distinct'],
    [{ freed: 'keep' }, 'kasan.freed', 'only the keys freedPages, freedObjects, newSlabs, largeKmalloc, draws, sample'],
    [{ sample: { every: 0 } }, 'kasan.sample.every', 'a whole number from 1 on'],
    [{ sample: { every: 2, order: 16 } }, 'kasan.sample.order', 'a whole number from 0 to 15'],
    [{ sample: { every: 2, from: 3 } }, 'kasan.sample.from', 'only the keys every, order'],
  ])('%j: names the field, and what was expected', (kasan, where, expected) => {
    expect(() => parsed(kasan)).toThrow(where);
    expect(() => parsed(kasan)).toThrow(expected);
  });

  test('a built-in policy, printed and read again, is the same policy', () => {
    for (const policy of BUILT_IN_POLICIES) {
      const again = parsePolicy(JSON.stringify(policy), 'again.json');
      expect({ ...again, kasan: kasanChanges(again) }).toEqual({ ...policy, kasan: kasanChanges(policy) });
    }
  });
});

describe('sampling by name', () => {
  test('with any numbers; the order is 3 if it is left out', () => {
    expect(builtInPolicy('sample=4,order=0')?.kasan).toEqual({ sample: { every: 4, order: 0 } });
    expect(builtInPolicy('sample=7')?.name).toBe('sample=7,order=3');
    expect(builtInPolicy('sampled')).toBeUndefined();
  });

  test.each([
    'sample=0',
    'sample=',
    'sample=2,order=16',
    'sample=-1',
    'sample=4294967296',
    'sample=2,order',
    'sample=1e3',
  ])('%s makes no sense, and how it is written is said', (name) => {
    expect(() => builtInPolicy(name)).toThrow(UsageError);
  });
});
