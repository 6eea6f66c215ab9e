import { InputError } from '../base/errors.ts';

/** What an input should be, for messages. */
export type SourceKind =
  | 'a trace'
  | 'a log'
  | 'a patch series'
  | 'a list of symbols'
  | 'a list of weights'
  | 'explained reports';

/** What messages say of it. */
export interface Expected {
  readonly file: string;
  /** What of a directory is meant. */
  readonly inDirectory: string;
  /** Why it may be empty, or what to give instead. */
  readonly ifEmpty: string;
}

const EXPLAINED: Expected = {
  file: 'a file of weights',
  inDirectory: 'the file in it that has the weights',
  ifEmpty: 'Give what `tagscope explain LOG… --json` wrote.',
};

/** A row for each kind. */
export const EXPECTED: { readonly [Kind in SourceKind]: Expected } = {
  'a trace': {
    file: 'a trace file',
    inDirectory: 'the files in it that are traces',
    ifEmpty:
      'Reading trace_pipe empties the buffer, and so does another reader; record again, or copy the file "trace".',
  },
  'a log': {
    file: 'a log file',
    inDirectory: 'the files in it that are logs',
    ifEmpty: 'Give the log of a console, or what dmesg or journalctl -k prints.',
  },
  'a patch series': {
    file: 'a patch file or mailbox',
    inDirectory: 'the patches in it',
    ifEmpty: 'Give a mailbox, mails or patches, as `git format-patch` writes them or lore.kernel.org gives them.',
  },
  'a list of weights': EXPLAINED,
  'explained reports': EXPLAINED,
  'a list of symbols': {
    file: 'a System.map, or a copy of /proc/kallsyms',
    inDirectory: 'the file in it that has the symbols',
    ifEmpty: 'Give the System.map of the kernel, or its symbols, read as root: `sudo cat /proc/kallsyms > FILE`.',
  },
};

/** The error for an input without a byte. @param name what it is called in messages */
export const emptyInput = (name: string, what: SourceKind): InputError =>
  new InputError({
    where: name,
    found: 'no bytes: it is empty',
    expected: what,
    advice: EXPECTED[what].ifEmpty,
  });
