import { EVENT } from '../../trace/event-type.ts';
import { keptFields } from '../tracepoint/kept-fields.ts';

/** What a field of an event's message is to the reader. */
export const ROLE = {
  /** Varies and says nothing that is kept. */
  none: 0,
  /** What the event is about. */
  key: 1,
  callSite: 2,
  cache: 3,
  bytesReq: 4,
  bytesAlloc: 5,
  gfp: 6,
  order: 7,
  migratetype: 8,
  areaBytes: 9,
  areaAlign: 10,
  failed: 11,
} as const;

export type Role = (typeof ROLE)[keyof typeof ROLE];

/** Two fields of an event that say how a task is called. */
export interface NameFields {
  readonly pid: number;
  readonly comm: number;
  /** The name held before the event, not from it on. */
  readonly before: boolean;
}

/** How the message of one event is read: by field number, which its schema gives. */
export interface EventSpec {
  /** The tracepoint. */
  readonly name: string;
  /** Number of the event type, or −1 for one that is only counted. */
  readonly type: number;
  /** Role of each field, by number; fields beyond the last one have none. */
  readonly roles: Uint8Array;
  readonly names: readonly NameFields[];
  /** The field with the name of the new task, whose parent is called the same, or 0. */
  readonly childComm: number;
}

/** Roles by the kernel's names of fields (include/trace/events/{kmem,vmalloc,task,sched}.h). */
const SHAPE_ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['call_site', ROLE.callSite],
  ['name', ROLE.cache],
  ['bytes_req', ROLE.bytesReq],
  ['bytes_alloc', ROLE.bytesAlloc],
  ['gfp_flags', ROLE.gfp],
  ['order', ROLE.order],
  ['migratetype', ROLE.migratetype],
  ['size', ROLE.areaBytes],
  ['align', ROLE.areaAlign],
  ['failed', ROLE.failed],
]);

/** Which fields of which events tell the names of tasks: pid, name. A third word: the name before the event. */
const TASK_NAMES: { readonly [event: string]: readonly string[] } = {
  sched_switch: ['prev_pid prev_comm', 'next_pid next_comm'],
  sched_switch_with_ctrs: ['prev_pid prev_comm', 'next_pid next_comm'],
  sched_wakeup: ['pid comm'],
  sched_wakeup_new: ['pid comm'],
  sched_waking: ['pid comm'],
  sched_process_exit: ['pid comm'],
  sched_process_free: ['pid comm'],
  sched_process_wait: ['pid comm'],
  sched_process_fork: ['parent_pid parent_comm', 'child_pid child_comm'],
  task_newtask: ['pid comm'],
  task_rename: ['pid oldcomm before', 'pid newcomm'],
};

const KMALLOC = 'bytes_alloc bytes_req call_site gfp_flags ptr';
const KMALLOC_NODE = 'bytes_alloc bytes_req call_site gfp_flags node ptr';
const COMM_PID = 'comm pid';

/** The fields of events that have a message of their own, by number from 1 (protos/perfetto/trace/ftrace). */
const MESSAGES: { readonly [event: string]: string } = {
  kfree: 'call_site ptr',
  kmalloc: KMALLOC,
  kmalloc_node: KMALLOC_NODE,
  kmem_cache_alloc: KMALLOC,
  kmem_cache_alloc_node: KMALLOC_NODE,
  kmem_cache_free: 'call_site ptr',
  mm_page_alloc: 'gfp_flags migratetype order page pfn',
  mm_page_free: 'order page pfn',
  mm_page_free_batched: 'cold page pfn',
  sched_process_exit: COMM_PID,
  sched_process_fork: 'parent_comm parent_pid child_comm child_pid',
  sched_process_free: COMM_PID,
  sched_process_wait: COMM_PID,
  sched_switch: 'prev_comm prev_pid prev_prio prev_state next_comm next_pid next_prio',
  sched_wakeup: COMM_PID,
  sched_wakeup_new: COMM_PID,
  sched_waking: COMM_PID,
  task_newtask: 'pid comm',
  task_rename: 'pid oldcomm newcomm',
};

/** How an event is read whose message has these fields. `fields`: their numbers, by the kernel's names. */
export function eventSpec(name: string, fields: ReadonlyMap<string, number>): EventSpec {
  const roles = new Uint8Array(1 + Math.max(0, ...fields.values()));
  const kept = keptFields(name);
  if (kept !== undefined) {
    const { key, needed, optional, cache } = kept.fields;
    for (const field of [...needed, ...optional, ...(cache ? ['name'] : [])]) {
      const number = fields.get(field);
      if (number !== undefined) roles[number] = SHAPE_ROLES.get(field) ?? ROLE.none;
    }
    const keyField = key.find((field) => fields.has(field));
    if (keyField !== undefined) roles[fields.get(keyField) ?? 0] = ROLE.key;
  }
  const names = (TASK_NAMES[name] ?? []).flatMap((words): NameFields[] => {
    const [pidField, commField, before] = words.split(' ');
    const pid = fields.get(pidField);
    const comm = fields.get(commField);
    return pid === undefined || comm === undefined ? [] : [{ pid, comm, before: before !== undefined }];
  });
  const childComm = name === 'task_newtask' ? (fields.get('comm') ?? 0) : 0;
  return { name, type: kept === undefined ? -1 : EVENT[kept.type], roles, names, childComm };
}

/** How the event of FtraceEvent's field `name` is read. */
export function typedEventSpec(name: string): EventSpec {
  const words = MESSAGES[name]?.split(' ') ?? [];
  return eventSpec(name, new Map(words.map((field, index) => [field, index + 1])));
}
