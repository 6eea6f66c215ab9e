import { WORKLOADS } from '../options/commands/bench.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../policy/built-in.ts';

import { CLAIM_KINDS } from '../review/claims.ts';

/** A value that a tool takes, as JSON Schema has it. */
interface Parameter {
  readonly type: 'string' | 'array' | 'boolean';
  readonly items?: { readonly type: 'string' };
  readonly enum?: readonly string[];
  readonly description: string;
}

/** What an agent gave, checked: strings, lists of strings and booleans by the name of the parameter. */
export type ToolArguments = ReadonlyMap<string, string | readonly string[] | boolean>;

/** A tool of `tagscope mcp`: a command that reads, and how its words are made of what an agent gives. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly required: readonly string[];
  /** The command line. Values stand behind `=` or `--`, where they cannot be options. */
  words(given: ToolArguments): readonly string[];
  /** What of the command's output is the answer; all of it if there is none. */
  readonly select?: (output: string, given: ToolArguments) => string;
}

const SERIES: Parameter = {
  type: 'array',
  items: { type: 'string' },
  description: 'paths of a mailbox, of mails or patches, or of a folder of patches',
};
const TREE: Parameter = { type: 'string', description: 'path of the kernel tree that the series applies to' };
const JSON_TOO: Parameter = { type: 'boolean', description: 'the whole result as JSON (docs/json.md) instead of text' };
const FROM: Parameter = {
  type: 'string',
  description: `the policy before: a name or a file (default: ${DEFAULT_FROM})`,
};

const list = (given: ToolArguments, name: string): readonly string[] => {
  const value = given.get(name);
  return typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
};

/** `--name=value` for what was given. */
const option = (given: ToolArguments, name: string): readonly string[] =>
  list(given, name).map((value) => `--${name}=${value}`);

const form = (given: ToolArguments): readonly string[] => (given.get('json') === true ? ['--json'] : []);

/** The claims of a review; where a text of the agent's own makes none, which kinds there are. */
function claimsIn(output: string, given: ToolArguments): string {
  const { claims }: { readonly claims: readonly { readonly kind: string }[] } = JSON.parse(output);
  const [kind] = list(given, 'kind');
  const found = kind === undefined ? claims : claims.filter((claim) => claim.kind === kind);
  const none = found.length > 0 ? {} : { kinds: CLAIM_KINDS.map(({ kind: name, about }) => ({ kind: name, about })) };
  return `${JSON.stringify({ claims: found, ...none }, null, 2)}\n`;
}

/** All tools. None has an option that writes. */
export const MCP_TOOLS: readonly McpTool[] = [
  {
    name: 'series_facts',
    description:
      'What a patch series that touches arm64 memory tagging (KASAN HW_TAGS) does: its policy, predicted effect, claims with verdicts, and evidence of open points, each with the command that shows it.',
    parameters: {
      series: SERIES,
      tree: TREE,
      trace: { ...SERIES, description: 'traces to predict the effect on (ftrace, perf, Perfetto)' },
      json: JSON_TOO,
    },
    required: ['series'],
    words: (given) => [
      'review',
      ...(given.get('json') === true ? ['--json'] : ['--format=facts']),
      ...option(given, 'tree'),
      ...option(given, 'trace'),
      '--',
      ...list(given, 'series'),
    ],
  },
  {
    name: 'predict',
    description:
      'Tag work of a workload under two policies: of a recorded trace, or of the model where no trace is given.',
    parameters: {
      trace: { type: 'string', description: 'path of a trace' },
      workload: {
        type: 'string',
        enum: WORKLOADS,
        description: 'the workload of the model, without a trace (default: thread)',
      },
      from: FROM,
      to: { type: 'string', description: `the policy after: a name or a file (default: ${DEFAULT_TO})` },
      json: JSON_TOO,
    },
    required: [],
    words: (given) => {
      const [trace] = list(given, 'trace');
      const policies = [...option(given, 'from'), ...option(given, 'to'), ...form(given)];
      return trace === undefined
        ? ['bench', ...policies, '--', list(given, 'workload')[0] ?? 'thread']
        : ['diff', ...policies, '--', trace];
    },
  },
  {
    name: 'audit_policy',
    description: 'Which kinds of bugs a policy no longer detects, or less often, by class of memory, on the model.',
    parameters: {
      policy: { type: 'string', description: 'a name (`tagscope policies` lists them) or a policy file' },
      from: FROM,
      trials: { type: 'string', description: 'trials of each kind of bug (default: 100)' },
      json: JSON_TOO,
    },
    required: ['policy'],
    words: (given) => [
      'audit',
      ...option(given, 'from'),
      ...list(given, 'policy').map((policy) => `--to=${policy}`),
      `--trials=${list(given, 'trials')[0] ?? '100'}`,
      ...form(given),
    ],
  },
  {
    name: 'check_claim',
    description:
      'Whether a claim about a series holds: confirmed, refuted or not decidable, and why, with the command that shows it. The claims of its cover letter and messages, or sentences of your own.',
    parameters: {
      series: SERIES,
      tree: TREE,
      claim: {
        type: 'string',
        description:
          'sentences that claim something of the series, such as "Detection is unchanged." or "2.5 s -> 2.2 s, 12 % less"; without it, what the author claims',
      },
      kind: { type: 'string', enum: CLAIM_KINDS.map(({ kind }) => kind), description: 'claims of this kind alone' },
    },
    required: ['series'],
    words: (given) => [
      'review',
      '--json',
      ...option(given, 'tree'),
      ...option(given, 'claim'),
      '--',
      ...list(given, 'series'),
    ],
    select: claimsIn,
  },
  {
    name: 'explain_report',
    description:
      'KASAN reports of a log: which memory it was, what hardware tags make of the bug, and which policies would miss it.',
    parameters: {
      log: { type: 'string', description: 'path of a kernel log' },
      policy: { ...SERIES, description: 'policies to compare: names or files (default: the built-in ones)' },
      json: JSON_TOO,
    },
    required: ['log'],
    words: (given) => ['explain', ...option(given, 'policy'), ...form(given), '--', ...list(given, 'log')],
  },
];
