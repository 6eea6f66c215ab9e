import { InputError, UsageError } from '../base/errors.ts';
import { printable } from '../report/printable.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { OutputError } from './output-error.ts';
import { shellCommand } from '../options/shell-quote.ts';

/** What to tell the user, in one paragraph, and how to end. An empty text: say nothing. */
export interface ErrorReport {
  readonly code: ExitCode;
  readonly text: string;
}

/** What the operating system refuses of an input, in plain words; of an output, OutputError says it. */
const SYSTEM: ReadonlyMap<string, { readonly found: string; readonly advice: string }> = new Map([
  ['ENOENT', { found: 'no such file', advice: 'Check the path; "-" is the standard input.' }],
  ['ENOTDIR', { found: 'a part of the path is not a directory', advice: 'Check the path.' }],
  [
    'EACCES',
    {
      found: 'no permission',
      advice: 'Files in tracefs belong to root: copy the trace with sudo cat, and give the copy.',
    },
  ],
  ['EPERM', { found: 'not permitted', advice: 'Copy the trace with sudo cat, and give the copy.' }],
  ['EISDIR', { found: 'a directory', advice: 'Give a file.' }],
  // Files that only some formats need while they are read.
  ['ENOSPC', { found: 'no space left on the device', advice: 'Free some, or name another directory with TMPDIR.' }],
  ['EMFILE', { found: 'too many open files', advice: 'Raise the limit with ulimit -n.' }],
  ['ENXIO', { found: 'a socket, or a device that is not there', advice: 'Give a file, or a pipe as "-".' }],
  ['ENODEV', { found: 'a device that is not there', advice: 'Give a file, or a pipe as "-".' }],
  ['ELOOP', { found: 'a symbolic link that leads to itself', advice: 'Check the path.' }],
  ['ENAMETOOLONG', { found: 'a name longer than files have', advice: 'Check the path.' }],
  ['EIO', { found: 'the device failed to read', advice: 'Copy the file elsewhere and try again.' }],
]);

/** Turns what was thrown into words. `args` is the command line, for the report of a fault. */
export function describeError(error: unknown, args: readonly string[], version: string): ErrorReport {
  if (error instanceof UsageError || error instanceof OutputError) {
    return { code: EXIT.usage, text: paragraph(sentence(error.message), error.advice) };
  }
  if (error instanceof InputError) return { code: EXIT.input, text: paragraph(error.message, error.advice) };
  if (isSystemError(error)) {
    // Whoever read the output has what it wanted: `tagscope report … | head`.
    if (error.code === 'EPIPE') return { code: EXIT.ok, text: '' };
    const known = SYSTEM.get(error.code) ?? otherRefusal(error);
    if (known !== undefined) {
      const where = error.path === undefined ? '' : `${error.path}: `;
      return { code: EXIT.input, text: paragraph(sentence(`${where}${known.found}`), known.advice) };
    }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: EXIT.internal,
    text: paragraph(
      `internal error: ${sentence(message)}`,
      `This is a fault of tagscope, not of your trace. Please report it with this line, the version (${version}) and the command line: ${shellCommand(['tagscope', ...args])} ; with TAGSCOPE_DEBUG=1 in the environment it says where it happened.`,
    ),
  };
}

/** System calls by which an input is opened and read. */
const READING: ReadonlySet<string> = new Set([
  'open',
  'read',
  'stat',
  'lstat',
  'fstat',
  'realpath',
  'readlink',
  'scandir',
]);

/** What the system says itself of an input: whatever it is, the input is at fault and not the program. */
function otherRefusal({
  syscall,
  message,
  code,
}: SystemError): { readonly found: string; readonly advice: string } | undefined {
  if (!READING.has(syscall)) return undefined;
  const [, said = code] = /^[A-Z0-9]+: (.+?)(?:, \w+(?: '.*')?)?$/s.exec(message) ?? [];
  return { found: `${said} (${code})`, advice: 'Copy the file elsewhere and give the copy.' };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const paragraph = (message: string, advice: string): string => printable(`tagscope: ${message} ${advice}`.trim(), true);

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string | undefined;
}

function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  );
}
