import type { Command } from '../command.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  claude mcp add tagscope -- tagscope mcp          offer the tools to an agent
  echo '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' | tagscope mcp
`;

/** `tagscope mcp`. */
export const MCP = {
  name: 'mcp',
  about: 'serve facts to agents over the standard input and output (Model Context Protocol); reads local files only',
  arguments: [],
  options: [],
  formats: [],
  examples: EXAMPLES,
} as const satisfies Command;

export type McpOptions = Given<typeof MCP.options>;
