import type { Preparation, Running, TextKind } from '../commands/context.ts';
import { preparation } from '../commands/named.ts';
import { auditInThreads } from './audit-threads.ts';
import { monitored } from './monitor.ts';
import { readNamedFile, readSmallFile } from './read-small-file.ts';
import { readText } from './read-text.ts';
import { readTrace } from './read-trace.ts';
import type { SourceKind } from './source.ts';
import type { Surroundings } from './surroundings.ts';
import { version } from './version.ts';

/** How a text that a command line names is read. */
type ReadText = (path: string, absent: (() => Error) | undefined, surroundings: Surroundings) => Promise<string>;

/** A file that describes something. */
const description =
  (what: string, advice: string): ReadText =>
  (path, absent) =>
    absent === undefined ? readSmallFile(path, what, advice) : readNamedFile(path, what, advice, absent);

/** What some program wrote, and may be piped in. */
const output =
  (what: SourceKind, limit: number): ReadText =>
  (path, _absent, surroundings) =>
    readText(path, { what, limit }, surroundings);

/** A row for each kind. */
const TEXTS: { readonly [Kind in TextKind]: ReadText } = {
  budget: description(
    'budget',
    'A budget file has a limit on each line; `tagscope check --help` says how they are written.',
  ),
  policy: description('policy', '`tagscope policies` lists the policies that can be named without a file.'),
  calibration: description('calibration', '`tagscope profiles` lists the profiles that can be named without a file.'),
  // A console log of the whole suite is half a megabyte.
  log: output('a log', 64 << 20),
  // Explained reports of thousands of logs.
  weights: output('a list of weights', 256 << 20),
};

/** What commands are prepared with in Node. */
export const preparedWith = (surroundings: Surroundings): Preparation =>
  preparation((path, kind, absent) => TEXTS[kind](path, absent, surroundings), version());

/** Runs a prepared command, and shows how far it is. */
export const running = <Result>(
  { quiet }: { readonly quiet?: boolean | undefined },
  surroundings: Surroundings,
  run: (running: Running) => Promise<Result>,
): Promise<Result> =>
  monitored({ quiet }, surroundings, (monitor, progress) =>
    run({
      monitor,
      auditTasks: auditInThreads,
      trace: (path, settings) => readTrace(path, settings, surroundings, progress),
    }),
  );
