import { MAX_CPU, NO_PID, type EventOrigin } from '../../trace/event-table.ts';

/**
 * Decodes what stands before the time: `comm tid`, or with more fields `comm pid/tid [cpu]`. The command may contain
 * blanks and brackets, so the text is read from its end. It may be missing, as the CPU may: then it is 0.
 *
 * perf prints no context, so interrupts count as the task below them.
 */
export function decodeOrigin(text: string): EventOrigin | undefined {
  const match = /^(?:(.*?)\s+)??(?:\d+\/\s*)?(-1|\d+)(?:\s+\[(\d+)\])?$/s.exec(text.trim());
  if (match === null) return undefined;
  const [, comm = '', tid, cpu = '0'] = match;
  if (Number(cpu) >= MAX_CPU || Number(tid) > 0x7fffffff) return undefined;
  return {
    comm,
    pid: tid === '-1' ? NO_PID : Number(tid),
    cpu: Number(cpu),
    softirq: false,
    hardirq: false,
  };
}
