import { UsageError } from '../base/errors.ts';
import type { ReplaySettings } from '../jobs/replay-settings.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { PAGE_SIZES } from '../kasan/page-sizes.ts';
import { cpuProfile, DEFAULT_CPU, withDcBlock } from '../mte/cpu.ts';
import type { Selection } from '../replay/selection.ts';
import { ASSUMED_KERNEL, CPU_ID, PID, type REPLAY_OPTIONS } from './groups/replay.ts';
import { kernelVersionOption } from './kernel-version-option.ts';
import type { Given } from './option.ts';
import { numbersOf } from './read-option.ts';
import { parseReadingOptions, type ReadingSettings } from './reading-options.ts';

type GivenReplay = Given<typeof REPLAY_OPTIONS>;

/** How a trace is read and replayed. */
export interface TraceSettings extends ReplaySettings, ReadingSettings {}

/** Whose allocations are counted; undefined where no option says so. @throws UsageError for numbers that are none */
function selectionOf(given: GivenReplay): Selection | undefined {
  const { comm = [], pid = [], cpuId = [], excludeRecorder } = given;
  if (comm.length + pid.length + cpuId.length === 0 && excludeRecorder !== true) return undefined;
  if (comm.includes('')) throw new UsageError('--comm: an empty name', 'Give the name of a task, such as "gcc*".');
  return {
    comms: comm,
    pids: numbersOf(PID, given),
    cpus: numbersOf(CPU_ID, given),
    excludeRecorder: excludeRecorder === true,
  };
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export function parseReplayOptions(given: GivenReplay): TraceSettings {
  const cmdline = given.cmdline ?? '';
  const { config, warnings } = kernelConfig(cmdline, PAGE_SIZES.get(given.pageSize ?? '4k'));
  const profile = cpuProfile(given.cpu ?? DEFAULT_CPU);
  const since = seconds('--since', given.since);
  const until = seconds('--until', given.until);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UsageError(
      `--since ${given.since} is not before --until ${given.until}`,
      'Both are seconds on the clock of the trace, as its time stamps show them.',
    );
  }
  return {
    config,
    cpu: given.dcBlock === undefined ? profile : withDcBlock(profile, given.dcBlock),
    recordedBy: kernelVersionOption(given.kernel ?? ASSUMED_KERNEL),
    versionFrom: given.kernel === undefined ? 'assumed' : 'given',
    pageSizeFrom: given.pageSize === undefined ? 'assumed' : 'given',
    cmdline,
    selection: selectionOf(given),
    since,
    until,
    ...parseReadingOptions(given),
    warnings,
  };
}

/** What is computed for, and what the kernel would say of the parameters. */
const kernelConfig = (cmdline: string, pageSize: number | undefined): ReturnType<typeof parseBootParameters> =>
  parseBootParameters(cmdline, defaultKernelConfig(pageSize));

function seconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}(?:\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(
    `${option} ${text}: not a time`,
    'Give seconds as the time stamps of the trace show them, such as 3713.5.',
  );
}
