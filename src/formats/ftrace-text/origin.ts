import { MAX_CPU, type EventOrigin } from '../../trace/event-table.ts';

/** A command has 15 characters (TASK_COMM_LEN), and is padded to this; where lines are in the latency format, it is cut. */
const COMMAND_WIDTH = 16;
const LATENCY_COMMAND_WIDTH = 8;

/** What stands before the time stamp. */
export interface TextOrigin extends EventOrigin {
  /** The buffer of trace-cmd that the event is from, where the text tells several apart; empty for the top one. */
  readonly buffer: string;
}

/**
 * Decodes what stands before the time stamp: `comm-pid (tgid) [cpu] flags`, or in the latency format (tracefs option
 * latency-format, `trace-cmd report -l`) `comm-pid cpuflags` without brackets. The command may contain blanks, hyphens and
 * brackets, so the text is read from its end.
 *
 * @param contextColumn which of the flags is the context, if the header says so
 */
export function decodeOrigin(text: string, contextColumn?: number): TextOrigin | undefined {
  const match = /^(.*)-(\d+)\s+(?:\([\s\d-]+\)\s+)?(?:\[(\d+)\](?:\s+(\S+))?|(\d{1,5})([^\s\d[\]]\S*))\s*$/s.exec(text);
  if (match === null) return undefined;
  const [, command, pid, bracketed, flags, bare, bareFlags] = match;
  const cpu = Number(bracketed ?? bare);
  const pidNumber = Number(pid);
  if (cpu >= MAX_CPU || pidNumber > 0x7fffffff) return undefined;
  const width = bracketed === undefined ? LATENCY_COMMAND_WIDTH : COMMAND_WIDTH;
  return {
    ...commandOf(command, width),
    pid: pidNumber,
    cpu,
    ...contextOf(flags ?? bareFlags ?? '', contextColumn),
  };
}

/**
 * The command of an event. Where there are several buffers trace-cmd begins each line with the name of the buffer and a
 * colon, or as many blanks for the top one (trace-read.c:print_handle_file).
 */
function commandOf(text: string, width: number): { readonly comm: string; readonly buffer: string } {
  const buffer = text.length > width ? /^\s*(\S.*): $/s.exec(text.slice(0, -width)) : null;
  return buffer === null
    ? { comm: text.trimStart(), buffer: '' }
    : { comm: text.slice(-width).trimStart(), buffer: buffer[1] };
}

/**
 * What the flags say of interrupts: `s` softirq, `h` hardirq, `H` hardirq inside a softirq, `z` and `Z` NMI
 * (kernel/trace/trace_output.c:trace_print_lat_fmt). It is the third of the flags, or the fourth where the kernel has
 * another column for lazy rescheduling (PREEMPT_RT up to 6.12); no other flag has these letters there.
 */
function contextOf(flags: string, column: number | undefined): Pick<EventOrigin, 'softirq' | 'hardirq'> {
  const isContext = (flag: string | undefined): boolean => flag !== undefined && /[shHzZ]/.test(flag);
  const flag = column === undefined ? [flags[2], flags[3]].find(isContext) : flags[column];
  return {
    softirq: flag === 's' || flag === 'H',
    hardirq: isContext(flag) && flag !== 's',
  };
}
