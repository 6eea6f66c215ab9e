import { ACCURACY } from './commands/accuracy.ts';
import { ADVISE } from './commands/advise.ts';
import { AUDIT } from './commands/audit.ts';
import { BENCH } from './commands/bench.ts';
import { CALIBRATE } from './commands/calibrate.ts';
import { CHECK } from './commands/check.ts';
import { COMPARE } from './commands/compare.ts';
import { CONFORM } from './commands/conform.ts';
import { CONVERT } from './commands/convert.ts';
import { DIFF } from './commands/diff.ts';
import { EXPLAIN } from './commands/explain.ts';
import { FACTS } from './commands/facts.ts';
import { INFO } from './commands/info.ts';
import { MCP } from './commands/mcp.ts';
import { POLICIES } from './commands/policies.ts';
import { PROFILES } from './commands/profiles.ts';
import { REPORT } from './commands/report.ts';
import { REVIEW } from './commands/review.ts';

/** All commands, in the order of the help. */
export const COMMANDS = [
  REPORT,
  DIFF,
  COMPARE,
  ADVISE,
  CHECK,
  BENCH,
  INFO,
  CONVERT,
  ACCURACY,
  CONFORM,
  AUDIT,
  EXPLAIN,
  PROFILES,
  CALIBRATE,
  REVIEW,
  POLICIES,
  FACTS,
  MCP,
] as const;

/** A command that there is. */
export type CommandName = (typeof COMMANDS)[number]['name'];

/** The row of a command. */
export type CommandNamed<Name extends CommandName> = Extract<(typeof COMMANDS)[number], { readonly name: Name }>;

/** What the help of the program says besides. */
export const PROGRAM = {
  about: 'What arm64 memory tagging (KASAN HW_TAGS) costs a kernel workload, from its kmem trace.',
  examples: `Examples:
  tagscope report trace.txt                     who pays for memory tagging, and how much
  tagscope report trace.txt --policy series     the same with Linux 7.3's series applied
  tagscope diff trace.txt                       what the series saves on this workload
  tagscope compare trace.txt                    all policies: what they save, and what they leave undetected
  tagscope explain console.log                  KASAN reports: what HW_TAGS catches, and what policies would miss
  tagscope report trace.dat --by comm           a recording of trace-cmd
  tagscope report trace.dat -o report.html      a page; also .md .svg .csv .json .folded .pb.gz and more

To record a trace:
  trace-cmd record -e kmem -e vmalloc -e task:task_newtask -e sched:sched_process_exit -T COMMAND
  perf record -a -g -m 16M -e 'kmem:*' -e 'vmalloc:*' -e task:task_newtask -e sched:sched_process_exit COMMAND
`,
  ending: 'Exit codes: 0 ok, 1 a check failed, 2 usage or nothing could be written, 3 bad input, 4 internal error.',
} as const;
