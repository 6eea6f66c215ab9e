/** The command that records what is needed, for messages. */
export const PERF_RECORD =
  "`perf record -a -g -m 16M -e 'kmem:*' -e 'vmalloc:*' -e task:task_newtask -e sched:sched_process_exit -- COMMAND`";
