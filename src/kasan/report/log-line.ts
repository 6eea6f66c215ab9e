/** Longer lines are no kernel's: printk cuts records at 1 KiB (kernel/printk/printk.c, LOG_LINE_MAX). */
const MAX_LINE = 4096;

/**
 * Level, time stamp and caller, as the console, dmesg and a system log write them before a record. A log that went
 * through two of them has two.
 */
const PREFIX = /^(?:<\d{1,3}>|\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? ?)*/;

/** The text of a log line: what printk was given. */
export function textOfLogLine(line: string): string {
  const bounded = line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line;
  return bounded.replace(/\r+$/, '').replace(PREFIX, '');
}
