import type { Preparation, Running } from '../commands/context.ts';
import { preparation } from '../commands/named.ts';
import { TEXT_KINDS, type Description } from '../commands/text-kinds.ts';
import type { WrittenText } from '../open/read-text.ts';
import { auditInThreads } from './audit-threads.ts';
import { monitored } from './monitor.ts';
import { readSmallFile } from './read-small-file.ts';
import { readText } from './read-text.ts';
import { readTrace } from './read-trace.ts';
import type { Surroundings } from './surroundings.ts';
import { version } from './version.ts';

/** What commands are prepared with in Node. */
export const preparedWith = (surroundings: Surroundings): Preparation =>
  preparation((path, kind, absent) => {
    const row: Description | WrittenText = TEXT_KINDS[kind];
    return 'what' in row ? readText(path, row, surroundings) : readSmallFile(path, row, absent);
  }, version());

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
