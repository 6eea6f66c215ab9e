import { PAGE_SIZE_NAMES } from '../../kasan/page-sizes.ts';
import { MAX_CPU } from '../../trace/event-table.ts';
import type { Option } from '../option.ts';
import { READING_OPTIONS } from './reading.ts';
import { cpuOption, DC_BLOCK, PROFILE } from './shared.ts';

/** What a trace that does not say it was recorded by. */
export const ASSUMED_KERNEL = '7.3';

const MAX_PID = 2 ** 22;

export const PID = {
  name: 'pid',
  value: 'n',
  several: 'times',
  whole: [0, MAX_PID],
  help: 'count what this task allocated; may be given again',
  reproduces: true,
} as const satisfies Option;

export const CPU_ID = {
  name: 'cpuId',
  value: 'n',
  several: 'times',
  whole: [0, MAX_CPU - 1],
  help: 'count what was allocated on this CPU; may be given again',
  reproduces: true,
} as const satisfies Option;

/** How a trace is read and replayed. */
export const REPLAY_OPTIONS = [
  {
    name: 'kernel',
    value: 'x.y',
    otherwise: `as the trace says, or ${ASSUMED_KERNEL}`,
    help: 'version of the kernel that recorded the trace',
    reproduces: true,
  },
  {
    name: 'pageSize',
    value: 'size',
    choices: PAGE_SIZE_NAMES,
    otherwise: 'as the trace says, or 4k',
    help: `page size of the kernel that recorded the trace: ${PAGE_SIZE_NAMES.join(', ')}`,
    reproduces: true,
  },
  cpuOption('CPU to compute for'),
  DC_BLOCK,
  PROFILE,
  {
    name: 'cmdline',
    value: 'params',
    default: '',
    help: 'boot parameters, such as "kasan.page_alloc.sample=10 init_on_alloc=1"',
    reproduces: true,
  },
  {
    name: 'since',
    value: 's',
    help: "count from this time on: seconds on the trace's clock",
    reproduces: true,
  },
  { name: 'until', value: 's', help: 'count up to this time', reproduces: true },
  {
    name: 'comm',
    value: 'glob',
    several: 'times',
    help: 'count what tasks of this name allocated, such as "gcc*"; may be given again',
    reproduces: true,
  },
  PID,
  CPU_ID,
  {
    name: 'excludeRecorder',
    help: 'leave out what was allocated for the recording itself',
    reproduces: true,
  },
  ...READING_OPTIONS,
] as const satisfies readonly Option[];
