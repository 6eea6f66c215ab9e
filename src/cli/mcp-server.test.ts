import { describe, expect, test } from 'vitest';
import { answer, type RunCommand } from './mcp-server.ts';
import { MCP_TOOLS } from './mcp-tools.ts';

// Expectations are those of JSON-RPC 2.0 and of the Model Context Protocol, 2025-06-18.
const echo: RunCommand = async (words) => ({ failed: false, text: words.join(' ') });

interface Answer {
  readonly id: unknown;
  readonly result: {
    readonly content: readonly { readonly text: string }[];
    readonly isError: boolean;
    readonly tools: readonly {
      readonly name: string;
      readonly description: string;
      readonly inputSchema: {
        readonly type: string;
        readonly properties: object;
        readonly required: readonly string[];
      };
      readonly annotations: { readonly readOnlyHint: boolean };
    }[];
  };
  readonly error: { readonly code: number; readonly message: string };
}

async function asked(message: unknown, run = echo): Promise<Answer> {
  const text = await answer(typeof message === 'string' ? message : JSON.stringify(message), '1.2.3', run);
  return JSON.parse(text ?? '{}');
}

const request = (method: string, params?: unknown): unknown => ({ jsonrpc: '2.0', id: 7, method, params });
const call = (name: string, given: unknown): unknown => request('tools/call', { name, arguments: given });

describe('the protocol', () => {
  test.each([
    ['2025-03-26', '2025-03-26'],
    ['1999-01-01', '2025-06-18'],
  ])('a client that asks for %s gets %s', async (protocolVersion, given) => {
    const { result, id } = await asked(request('initialize', { protocolVersion, capabilities: {}, clientInfo: {} }));
    expect(id).toBe(7);
    expect(result).toMatchObject({
      protocolVersion: given,
      capabilities: { tools: {} },
      serverInfo: { name: 'tagscope', version: '1.2.3' },
    });
  });

  test('a notification is not answered', async () => {
    const notification = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await answer(notification, '1', echo)).toBeUndefined();
  });

  test.each([
    ['{"jsonrpc":', -32700, null],
    ['[]', -32600, null],
    ['3', -32600, null],
    ['{"jsonrpc":"2.0","id":1}', -32600, 1],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, 1],
    ['{"jsonrpc":"2.0","id":"a","method":"resources/list"}', -32601, 'a'],
    [`"${'x'.repeat(2 << 20)}"`, -32600, null],
  ])('%.40s is error %i', async (line, code, id) => {
    expect(await asked(line)).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
  });

  test('ping', async () => {
    expect(await asked(request('ping'))).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
  });
});

describe('the tools', () => {
  test('are listed with what they take', async () => {
    const { result } = await asked(request('tools/list'));
    expect(result.tools.map(({ name }) => name)).toEqual([
      'series_facts',
      'predict',
      'audit_policy',
      'check_claim',
      'explain_report',
    ]);
    for (const { inputSchema, annotations, description } of result.tools) {
      expect(inputSchema.type).toBe('object');
      expect(Object.keys(inputSchema.properties)).toEqual(expect.arrayContaining([...inputSchema.required]));
      expect(annotations.readOnlyHint).toBe(true);
      expect(description.length).toBeGreaterThan(20);
    }
  });

  test.each([
    ['series_facts', { series: ['a.mbox'], tree: 'linux' }, 'review --format=facts --tree=linux -- a.mbox'],
    ['series_facts', { series: 'a.mbox', json: true }, 'review --json -- a.mbox'],
    ['predict', { trace: 't.dat', to: 'series' }, 'diff --to=series -- t.dat'],
    ['predict', { workload: 'pgtable' }, 'bench -- pgtable'],
    ['audit_policy', { policy: 'series' }, 'audit --to=series --trials=100'],
    ['explain_report', { log: 'dmesg' }, 'explain -- dmesg'],
  ])('%s %j is a command', async (name, given, words) => {
    const { result } = await asked(call(name, given));
    expect(result).toEqual({ content: [{ type: 'text', text: words }], isError: false });
  });

  test('what an agent gives is never an option of a command', async () => {
    const hostile = '--output=/etc/passwd';
    for (const { name, parameters, required } of MCP_TOOLS) {
      const given = Object.fromEntries(
        Object.entries(parameters)
          .filter(
            ([key, { enum: choices, type }]) => (choices === undefined && type !== 'boolean') || required.includes(key),
          )
          .map(([key]) => [key, hostile]),
      );
      const run: RunCommand = async (words) => {
        const end = words.includes('--') ? words.indexOf('--') : words.length;
        expect(words.slice(0, end)).not.toContain(hostile);
        expect(words.join(' ')).not.toMatch(/(^| )(-o|--policy-out|--force)\b/);
        return { failed: true, text: '' };
      };
      expect((await asked(call(name, given), run)).result.isError).toBe(true);
    }
  });

  test('claims that hold a text', async () => {
    const claims = [
      { kind: 'percentage', text: '13 % faster' },
      { kind: 'coverage-unchanged', text: 'Coverage is unchanged.' },
    ];
    const run: RunCommand = async () => ({ failed: false, text: JSON.stringify({ claims }) });
    const { result } = await asked(call('check_claim', { series: ['a'], kind: 'coverage-unchanged' }), run);
    expect(JSON.parse(result.content[0].text)).toEqual({ claims: [claims[1]] });
    // What an agent says is no option.
    let line: readonly string[] = [];
    const noted: RunCommand = async (words) => {
      line = words;
      return { failed: false, text: '{"claims": []}' };
    };
    await asked(call('check_claim', { series: ['a'], claim: '--output=x' }), noted);
    expect(line.join(' ')).toBe('review --json --claim=--output=x -- a');
  });

  test.each([
    ['no_such_tool', {}, 'no such tool; there are series_facts'],
    ['explain_report', {}, 'explain_report needs log'],
    ['explain_report', { log: 'a', output: 'b' }, 'takes no "output"'],
    ['explain_report', { log: '-' }, 'log: expected a text'],
    ['explain_report', { log: ['a'] }, 'log: expected a text'],
    ['series_facts', { series: [] }, 'series: expected paths'],
    ['series_facts', { series: ['a', 3] }, 'series: expected paths'],
    ['predict', { workload: 'x' }, 'workload: expected thread, pgtable'],
    ['predict', { json: 'yes' }, 'json: expected true or false'],
    ['predict', { constructor: 'x' }, 'takes no "constructor"'],
    ['predict', 3, 'expected the arguments as an object'],
  ])('%s %j: %s', async (name, given, message) => {
    const { error } = await asked(call(name, given));
    expect(error.code).toBe(-32602);
    expect(error.message).toContain(message);
  });
});
