#!/usr/bin/env node
// The fast path: what asks for the version must not load a parser for command lines, let alone the rest.
import { version } from './version.ts';

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Whoever went away does not want to know it.
  process.stdout.on('error', () => {});
  process.stdout.write(`${version()}\n`);
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(args, process);
}
