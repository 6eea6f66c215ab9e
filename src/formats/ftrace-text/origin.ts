import { MAX_CPU, type EventOrigin } from '../../trace/event-table.ts';

/**
 * Decodes what stands before the time stamp: `comm-pid (tgid) [cpu] flags`. The command may contain blanks, hyphens and
 * brackets, so the text is read from its end.
 *
 * The third of the flags is the context (Documentation/trace/ftrace.rst): `s` softirq, `h` hardirq, `H` hardirq inside
 * a softirq.
 */
export function decodeOrigin(text: string): EventOrigin | undefined {
  const match = /^(.*)-(\d+)\s+(?:\([\s\d-]+\)\s+)?\[(\d+)\](?:\s+(\S+))?\s*$/s.exec(text.trimStart());
  if (match === null) return undefined;
  const [, comm, pid, cpu, flags] = match;
  const cpuNumber = Number(cpu);
  const pidNumber = Number(pid);
  if (cpuNumber >= MAX_CPU || pidNumber > 0x7fffffff) return undefined;
  const context = flags?.[2] ?? '.';
  return {
    comm,
    pid: pidNumber,
    cpu: cpuNumber,
    softirq: context === 's' || context === 'H',
    hardirq: context === 'h' || context === 'H',
  };
}
