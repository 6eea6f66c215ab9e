import { DEFAULT_POLICY } from '../../policy/built-in.ts';
import type { Command } from '../command.ts';
import { STACK_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import { REPLAY_OPTIONS } from '../groups/replay.ts';
import { policyOption } from '../groups/shared.ts';
import { TABLE_OPTIONS } from '../groups/table.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope report trace.txt                     tag work by class and by call site
  tagscope report trace.txt.zst --policy mine.json --top 20
  tagscope report trace.txt --cpu neoverse-n2 --cmdline "kasan.page_alloc.sample=10"
  tagscope report trace.txt --json | jq '.byClass[] | {class, granules}'
  tagscope report trace.dat --symbols System.map --kernel 6.12
  tagscope report perf.data --symbols kallsyms  after sudo cat /proc/kallsyms > kallsyms
  perf script --show-lost-events | tagscope report -
  tagscope report --merge cpu-buffer.dat other-buffer.dat
  tagscope report trace.dat -o report.html      bars, flame graph, tables to sort
  tagscope report trace.dat -o report.pb.gz     then: go tool pprof -http=: report.pb.gz
  tagscope report trace.dat --format collapsed --weight granules | inferno-flamegraph > flame.svg
`;

/** `tagscope report`. */
export const REPORT = {
  name: 'report',
  about: 'tag work by allocation class and by call site, under one policy',
  arguments: [
    {
      form: '<trace...>',
      help: 'traces of any format that is read (see README.md), plain or in gzip, zstd or zip; "-" is the standard input',
    },
  ],
  options: [
    policyOption({ default: DEFAULT_POLICY, help: 'what is tagged; see `tagscope policies`' }),
    {
      name: 'merge',
      help: 'take several traces for parts of one: same kernel, same clock, one report',
      reproduces: true,
    },
    ...REPLAY_OPTIONS,
    ...TABLE_OPTIONS,
    ...outputOptions(STACK_FORMATS),
  ],
  formats: STACK_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type ReportOptions = Given<typeof REPORT.options>;
