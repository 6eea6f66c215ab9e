import type { CommandRequest } from '../../src/commands/run-command.ts';

/** A file that commands may read, by the name that they call it. */
export interface NamedFile {
  readonly name: string;
  readonly blob: Blob;
}

/** What a worker is asked. */
export type Ask =
  /** Runs a command on files. */
  | { readonly ask: 'run'; readonly id: number; readonly request: CommandRequest; readonly files: readonly NamedFile[] }
  /** Ends one that runs. */
  | { readonly ask: 'cancel'; readonly id: number };

/** What it says of a command. */
export type Say =
  /** How far it is: `done` of `total` of what `unit` says; both 0 where that is not known. */
  | {
      readonly say: 'progress';
      readonly id: number;
      readonly what: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
    }
  /** Its results, each as `--json` prints it. */
  | { readonly say: 'results'; readonly id: number; readonly results: readonly object[] }
  | { readonly say: 'cancelled'; readonly id: number }
  /** What went wrong, in words; `isFault` where the program is to blame. */
  | { readonly say: 'error'; readonly id: number; readonly message: string; readonly isFault: boolean };
