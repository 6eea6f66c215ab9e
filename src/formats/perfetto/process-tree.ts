import { WireReader } from '../../base/wire-reader.ts';
import type { TaskNames } from './task-names.ts';

/** A name is cut to 15 characters by the kernel (TASK_COMM_LEN). */
const MAX_NAME = 15;
const SLASH = 0x2f;

/**
 * Takes the names of tasks from a ProcessTree (protos/perfetto/trace/ps/process_tree.proto); false if it is malformed.
 * For processes it has the command line: the last part of its first word is what a task is called unless it was renamed.
 */
export function readProcessTree(
  data: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  tasks: TaskNames,
): boolean {
  const wire = new WireReader();
  wire.open(data, start, end);
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    // processes = 1, threads = 2
    if (tag !== 0x0a && tag !== 0x12) {
      wire.skip(tag);
      continue;
    }
    const isProcess = tag === 0x0a;
    // Process: pid = 1, cmdline = 3. Thread: tid = 1, name = 2.
    const nameTag = isProcess ? 0x1a : 0x12;
    const stop = wire.bytesEnd();
    let pid = -1;
    let from = 0;
    let to = 0;
    while (wire.at < stop) {
      const inner = wire.tag();
      if (inner === 0x08) {
        wire.varint();
        pid = wire.lo;
      } else if (inner === nameTag && to === 0) {
        to = wire.bytesEnd();
        from = wire.at;
        wire.at = to;
      } else wire.skip(inner);
    }
    if (wire.at > stop) wire.fail();
    if (wire.failed || pid < 0 || to === from) continue;
    if (isProcess) from = Math.max(from, data.subarray(0, to).lastIndexOf(SLASH) + 1);
    tasks.list(pid, tasks.intern(data, view, from, Math.min(to, from + MAX_NAME)));
  }
  return !wire.failed;
}
