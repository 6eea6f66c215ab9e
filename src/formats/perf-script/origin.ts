import { MAX_CPU, NO_PID, type EventOrigin } from '../../trace/event-table.ts';

/**
 * Decodes what stands before the time: `comm tid`, or with more fields `comm pid/tid [cpu]`. The command may contain
 * blanks and brackets, so the text is read from its end. It may be missing, as the CPU may: then it is 0. With -L the CPU
 * has no brackets, but three columns (tools/perf/builtin-script.c:perf_sample__fprintf_start), where a tid has seven. A
 * letter for the mode may follow (-F misc).
 *
 * perf prints no context, so interrupts count as the task below them.
 */
export function decodeOrigin(text: string): EventOrigin | undefined {
  const match =
    /^(?:(.*?)\s+)??(?:\d+\/\s*)?(-1|\d+)(?:\s+\[(\d+)\]| ( {2}\d| \d\d|\d{3,5})|(?<=\/(?:-1|\d+)) +(\d{1,5}))?(?:\s+[A-Zgu?]{1,3})?$/s.exec(
      text.trim(),
    );
  if (match === null) return undefined;
  const [, comm = '', tid, bracketed, bare, besideBoth] = match;
  const cpu = bracketed ?? bare ?? besideBoth ?? '0';
  if (Number(cpu) >= MAX_CPU || Number(tid) > 0x7fffffff) return undefined;
  return {
    comm,
    pid: tid === '-1' ? NO_PID : Number(tid),
    cpu: Number(cpu),
    softirq: false,
    hardirq: false,
  };
}
