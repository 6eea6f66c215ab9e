// Loaded before a program (`node --import`): writes the peak of its resident memory in KiB to the file that
// TAGSCOPE_BENCH_PEAK names. Used where GNU time is not installed.
import { readFileSync, writeFileSync } from 'node:fs';

function peak() {
  // Unlike maxRSS this does not count what the parent had before it became this program.
  try {
    return /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

process.on('exit', () => {
  writeFileSync(process.env.TAGSCOPE_BENCH_PEAK, `${peak() ?? process.resourceUsage().maxRSS}\n`);
});
