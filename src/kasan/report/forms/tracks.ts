import type { Draft, DraftTrack } from '../draft.ts';
import { frameInto, version, type ReportForm, type TakeLine } from '../form.ts';

/** The frames of a track; up to Linux 4.11 the task stands below its title. */
function takeTrack(track: DraftTrack): TakeLine {
  const takeFrame = frameInto(track.frames);
  return (text) => {
    if (/^ {0,2}\(stack is not available\)\s*$/.test(text)) {
      track.unavailable = true;
      return true;
    }
    const pid = /^PID = (\d{1,10})(?:, CPU = \d{1,6}, timestamp = \d{1,20})?\s*$/.exec(text);
    if (pid === null || track.pid !== undefined) return takeFrame(text);
    track.pid = Number(pid[1]);
    return true;
  };
}

/** @param what which track; undefined if there is one already */
export function beginTrack(draft: Draft, what: 'allocated' | 'freed', pid: number | undefined): DraftTrack | undefined {
  if (draft[what] !== undefined) return undefined;
  const track: DraftTrack = { pid, frames: [] };
  draft[what] = track;
  return track;
}

const trackForm = (what: 'allocated' | 'freed', name: string): ReportForm => ({
  part: what,
  begins: new RegExp(String.raw`^${name} by task (\d{1,10})(?: on cpu (\d{1,6}) at (\d{1,9})\.(\d{6})s)?:\s*$`),
  kernels: { since: version(4, 12) },
  source: 'mm/kasan/report.c:print_track; with CONFIG_KASAN_EXTRA_INFO (6.9) CPU and time',
  begin: ([, pid, cpu, seconds, micros], draft) => {
    const track = beginTrack(draft, what, Number(pid));
    if (track === undefined) return undefined;
    if (cpu !== undefined) track.extra = { cpu: Number(cpu), microseconds: Number(seconds) * 1e6 + Number(micros) };
    return takeTrack(track);
  },
});

const oldTrackForm = (what: 'allocated' | 'freed', names: string): ReportForm => ({
  part: what,
  begins: new RegExp(`^(?:${names}):\\s*$`),
  kernels: { since: version(4, 6), before: version(4, 12) },
  source: 'mm/kasan/report.c:print_track, with the task in the next line',
  begin: (_match, draft) => {
    const track = beginTrack(draft, what, undefined);
    return track === undefined ? undefined : takeTrack(track);
  },
});

const workForm = (
  key: 'lastWork' | 'secondToLastWork',
  begins: RegExp,
  kernels: ReportForm['kernels'],
): ReportForm => ({
  part: 'work',
  begins,
  ...(kernels === undefined ? {} : { kernels }),
  source: 'mm/kasan/report.c:describe_object_stacks',
  begin: (_match, draft) => {
    if (draft[key] !== undefined) return undefined;
    const frames: string[] = [];
    draft[key] = frames;
    return frameInto(frames);
  },
});

const CALL_RCU = { since: version(5, 8), before: version(5, 10) };
const WORK = { since: version(5, 10) };

export const TRACKS_FORMS: readonly ReportForm[] = [
  trackForm('allocated', 'Allocated'),
  trackForm('freed', 'Freed'),
  oldTrackForm('allocated', 'Allocated|Allocation'),
  oldTrackForm('freed', 'Freed|Deallocation'),
  workForm('lastWork', /^Last potentially related work creation:\s*$/, WORK),
  workForm('secondToLastWork', /^Second to last potentially related work creation:\s*$/, WORK),
  workForm('lastWork', /^Last (?:one )?call_rcu\(\)(?: call stack)?:\s*$/, CALL_RCU),
  workForm('secondToLastWork', /^Second to last (?:one )?call_rcu\(\)(?: call stack)?:\s*$/, CALL_RCU),
];
