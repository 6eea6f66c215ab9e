import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { FtraceTextReader } from '../src/formats/ftrace-text/reader.ts';
import { defaultKernelConfig } from '../src/kasan/kernel-config.ts';
import { series2026 } from '../src/cost/series-2026.ts';
import { cpuProfile, withDcBlock } from '../src/mte/cpu.ts';
import { builtInPolicy } from '../src/policy/named.ts';
import type { GroupBy } from '../src/replay/options.ts';
import { analyze } from '../src/result/analyze.ts';
import type { ReportResult } from '../src/result/result.ts';
import type { EventTable } from '../src/trace/event-table.ts';

/** The bytes of a file in cases/, decompressed. */
export function caseBytes(path: string): Uint8Array {
  const data = new Uint8Array(readFileSync(new URL(`../cases/${path}`, import.meta.url)));
  return path.endsWith('.zst') ? decompress(data) : data;
}

interface How {
  readonly policy?: string;
  /** Bytes that the reader is given at once. */
  readonly chunk?: number;
  readonly dcBlock?: string;
  readonly groupBy?: GroupBy;
}

/** Reads ftrace text and replays it: all that the command does, but for options and files. */
export function analyzed(data: Uint8Array, how: How = {}): ReportResult {
  const reader = new FtraceTextReader({ name: 'trace' });
  const size = how.chunk ?? data.length;
  for (let at = 0; at < data.length; at += size) reader.push(data.subarray(at, at + size));
  return analyzedTable(reader.finish(), how);
}

/** Replays a trace that was read. */
export function analyzedTable(
  table: EventTable,
  { policy = 'before-series', dcBlock = '64', groupBy = 'comm' }: Omit<How, 'chunk'> = {},
): ReportResult {
  const chosen = builtInPolicy(policy);
  if (chosen === undefined) throw new Error(`no policy ${policy}`);
  return analyze(
    table,
    { files: ['trace'], format: 'trace', bytes: 0 },
    {
      policy: chosen,
      profile: series2026(),
      config: defaultKernelConfig(),
      cpu: withDcBlock(cpuProfile('cortex-a710'), dcBlock),
      recordedBy: { major: 7, minor: 3 },
      groupBy,
      command: '',
      version: '',
      cmdline: '',
    },
  );
}
