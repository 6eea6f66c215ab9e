import { MCP_TOOLS, type McpTool, type ToolArguments } from './mcp-tools.ts';

// The Model Context Protocol over stdio is JSON-RPC 2.0, a message a line. These lines are all of it that tools need:
// @modelcontextprotocol/sdk 1.32 brings 17 direct dependencies (express and hono among them) for transports that are not
// used here, more than all of tagscope has.

/** What a tool's command printed. */
export interface CommandOutput {
  readonly failed: boolean;
  readonly text: string;
}

/** Runs a command line of tagscope and gives what it prints. */
export type RunCommand = (words: readonly string[]) => Promise<CommandOutput>;

/** Versions of the protocol whose `tools` are the same, the newest first. */
const PROTOCOLS: readonly string[] = ['2025-06-18', '2025-03-26', '2024-11-05'];
/** Longer answers are cut: an agent reads them whole. */
const MOST_CHARACTERS = 400_000;
/** No request is longer. */
export const MOST_REQUEST_CHARACTERS = 1 << 20;

const ERRORS = { parse: -32700, request: -32600, method: -32601, params: -32602 } as const;

type Id = string | number | null;

/** A request that cannot be answered. */
class RpcError extends Error {
  readonly code: number;

  constructor(kind: keyof typeof ERRORS, message: string) {
    super(message);
    this.code = ERRORS[kind];
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Answers one line of an agent.
 *
 * @returns the line that answers it; undefined for what asks for no answer
 */
export async function answer(line: string, version: string, run: RunCommand): Promise<string | undefined> {
  let id: Id = null;
  try {
    if (line.length > MOST_REQUEST_CHARACTERS) throw new RpcError('request', 'the request is longer than 1 MiB');
    const message = parse(line);
    if (!isObject(message)) throw new RpcError('request', 'expected one JSON-RPC 2.0 request, an object');
    const { method, params } = message;
    if (typeof message['id'] === 'string' || typeof message['id'] === 'number') id = message['id'];
    if (message['jsonrpc'] !== '2.0' || typeof method !== 'string')
      throw new RpcError('request', 'expected "jsonrpc": "2.0" and a method');
    if (!('id' in message)) return undefined;
    const result = await resultOf(method, isObject(params) ? params : {}, version, run);
    return JSON.stringify({ jsonrpc: '2.0', id, result });
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return JSON.stringify({ jsonrpc: '2.0', id, error: { code: error.code, message: error.message } });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new RpcError('parse', 'the line is no JSON');
  }
}

type Params = Readonly<Record<string, unknown>>;

async function resultOf(method: string, params: Params, version: string, run: RunCommand): Promise<unknown> {
  switch (method) {
    case 'initialize': {
      const asked = params['protocolVersion'];
      return {
        protocolVersion: typeof asked === 'string' && PROTOCOLS.includes(asked) ? asked : PROTOCOLS[0],
        capabilities: { tools: {} },
        serverInfo: { name: 'tagscope', version },
        instructions:
          'Facts about arm64 memory tagging (KASAN HW_TAGS). Only local files are read, and none is written.',
      };
    }
    case 'ping':
      return {};
    case 'tools/list':
      return { tools: MCP_TOOLS.map(described) };
    case 'tools/call':
      return call(params, run);
    default:
      throw new RpcError('method', `no method ${JSON.stringify(method.slice(0, 80))}`);
  }
}

const described = ({ name, description, parameters, required }: McpTool): unknown => ({
  name,
  description,
  inputSchema: { type: 'object', properties: parameters, required, additionalProperties: false },
  annotations: { readOnlyHint: true, openWorldHint: false },
});

async function call(params: Params, run: RunCommand): Promise<unknown> {
  const { name, arguments: given = {} } = params;
  const tool = MCP_TOOLS.find((each) => each.name === name);
  if (tool === undefined)
    throw new RpcError('params', `no such tool; there are ${MCP_TOOLS.map((each) => each.name).join(', ')}`);
  if (!isObject(given)) throw new RpcError('params', 'expected the arguments as an object');
  const checked = checkedArguments(tool, given);
  const words = tool.words(checked);
  const { failed, text } = await run(words);
  const shown = !failed && tool.select !== undefined ? tool.select(text, checked) : text;
  return { content: [{ type: 'text', text: cut(shown, words) }], isError: failed };
}

const cut = (text: string, words: readonly string[]): string =>
  text.length <= MOST_CHARACTERS
    ? text
    : `${text.slice(0, MOST_CHARACTERS)}\n[cut after ${MOST_CHARACTERS} of ${text.length} characters; whole: tagscope ${words.join(' ')}]\n`;

/** @throws RpcError for what the tool does not take */
function checkedArguments({ name: tool, parameters, required }: McpTool, given: Params): ToolArguments {
  const checked = new Map<string, string | readonly string[] | boolean>();
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(parameters, name))
      throw new RpcError(
        'params',
        `${tool} takes no ${JSON.stringify(name.slice(0, 80))}; it takes ${Object.keys(parameters).join(', ')}`,
      );
    checked.set(name, checkedValue(`${tool}: ${name}`, parameters[name], value));
  }
  const missing = required.find((name) => !checked.has(name));
  if (missing !== undefined)
    throw new RpcError('params', `${tool} needs ${missing}: ${parameters[missing].description}`);
  return checked;
}

/** The standard input is the agent's: no path names it. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value !== '-' && !value.includes('\0');

type Checked = string | readonly string[] | boolean;

function checkedValue(where: string, { type, enum: choices }: McpTool['parameters'][string], value: unknown): Checked {
  if (type === 'boolean' && typeof value === 'boolean') return value;
  if (type === 'array' && isText(value)) return [value];
  if (type === 'array' && Array.isArray(value) && value.length > 0 && value.every(isText)) return value;
  if (type === 'string' && isText(value) && (choices === undefined || choices.includes(value))) return value;
  const expected =
    choices === undefined ? { boolean: 'true or false', array: 'paths', string: 'a text' }[type] : choices.join(', ');
  throw new RpcError('params', `${where}: expected ${expected}`);
}
