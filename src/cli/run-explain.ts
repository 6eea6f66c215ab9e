import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, quoted, UsageError } from '../base/errors.ts';
import {
  explainResult,
  missesAny,
  modelCount,
  onModel,
  readLogs,
  type LogInput,
  type ReadLogs,
} from '../jobs/explain.ts';
import { watched } from '../jobs/monitor.ts';
import { builtInPolicy } from '../policy/named.ts';
import { TITLE_START } from '../kasan/report/scan.ts';
import { AS_RECORDED } from '../policy/as-recorded.ts';
import { POLICY_GROUPS } from '../policy/built-in.ts';
import type { Policy } from '../policy/policy.ts';
import { EXPLAIN_WRITERS } from '../report/explain-writers.ts';
import { decompress } from './decompress.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { EXPLAIN, EXPLAIN_TRIALS, type ExplainOptions } from '../options/commands/explain.ts';
import { numberOf } from '../options/read-option.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { preparedWith } from './node-commands.ts';
import { openOutput, writeResult } from './result-output.ts';
import { shellCommand } from '../options/shell-quote.ts';
import { displayName } from '../open/opened-trace.ts';
import { openSource } from './source.ts';
import { monitored } from './monitor.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';

/** All that mean something without a trace. */
const BUILT_IN = POLICY_GROUPS.flatMap(({ policies }) => policies).filter(({ name }) => name !== AS_RECORDED.name);

/** `tagscope explain`: KASAN reports, what hardware tags make of their bugs, and what policies would have missed. */
export async function runExplain(
  paths: readonly string[],
  raw: ExplainOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const trials = numberOf(EXPLAIN_TRIALS, raw);
  const { policy: names = [] } = raw;
  const given = await Promise.all(names.map(preparedWith(surroundings).policy));
  const from = raw.from === undefined ? undefined : await preparedWith(surroundings).policy(raw.from);
  const files = await filesOf(paths, raw.summary === true);
  const output = await openOutput(EXPLAIN, raw, surroundings, files);
  const policies = given.length > 0 ? given : BUILT_IN;
  const read = await readLogs(logsOf(files, surroundings), {
    policies,
    from,
    beforeSeries: named('before-series'),
    series: named('series'),
  });
  if (read.reports.length === 0) throw noReport(read);
  const part = { what: 'explain', count: modelCount(read), unit: 'bugs on the model' };
  const cells = await monitored(raw, surroundings, (monitor) => watched(onModel(read, trials), part, monitor));
  const result = explainResult(read, cells, {
    command: reproducingCommand(EXPLAIN, paths, raw),
    shows: raw.summary === true ? 'summary' : 'reports',
  });
  const options = outputOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  await writeResult(result, output, EXPLAIN_WRITERS, options);
  const isLost = given.some((policy) => missesAny(result, policy.name));
  const disagrees = result.reports.some(({ model }) => model !== null && !model.agrees);
  return isLost || disagrees ? EXIT.failed : EXIT.ok;
}

function named(name: string): Policy {
  const policy = builtInPolicy(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

/** The files to read: with --summary those of directories too, and of directories in them. */
async function filesOf(paths: readonly string[], withDirectories: boolean): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const info = path === '-' ? undefined : await stat(path).catch(() => undefined);
    if (info?.isDirectory() !== true) {
      files.push(path);
      continue;
    }
    if (!withDirectories) {
      throw new UsageError(
        `${path}: a directory`,
        `Give the logs in it, or --summary to read all files in it: \`${shellCommand(['tagscope', 'explain', path, '--summary'])}\`.`,
      );
    }
    const found = await readdir(path, { recursive: true, withFileTypes: true });
    const inside = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    files.push(...inside.toSorted());
  }
  if (files.length === 0) {
    throw new InputError({
      where: paths.join(', '),
      found: 'no file in it',
      expected: 'logs with KASAN reports',
      advice: 'Give logs, or directories that have some.',
    });
  }
  return files;
}

async function* logsOf(files: readonly string[], surroundings: Surroundings): AsyncGenerator<LogInput> {
  for (const path of files) {
    const name = displayName(path);
    const isAlone = files.length === 1;
    if (!isAlone && (await isEmpty(path))) {
      yield { name, chunks: [] };
      continue;
    }
    const source = await openSource(path, surroundings, 'a log');
    try {
      const { chunks } = await decompress(source.chunks, name);
      yield { name, chunks };
    } finally {
      source.close();
    }
  }
}

const isEmpty = async (path: string): Promise<boolean> => {
  const info = path === '-' ? undefined : await stat(path).catch(() => undefined);
  return info?.isFile() === true && info.size === 0;
};

/** Why there is nothing to explain. */
function noReport({ unreadTitles, logs }: ReadLogs): InputError {
  const where = logs.length === 1 ? logs[0].name : `${logs.length} logs`;
  const expected = 'a KASAN report: "BUG: KASAN:" and what follows it';
  const [title] = unreadTitles;
  if (title !== undefined) {
    const isTitle = title.title.startsWith(TITLE_START);
    const others = unreadTitles.length === 1 ? '' : ` (and ${unreadTitles.length - 1} more such titles)`;
    return new InputError({
      where: `${title.log}, line ${title.line}`,
      found: `${isTitle ? 'the title ' : ''}${quoted(title.title)}, and ${title.reason}${others}`,
      expected: isTitle ? 'the report below it' : `its title above it, "${TITLE_START.trim()}"`,
      advice: isTitle
        ? 'Give the whole log, from the title to the rows of memory. If it is whole, its form is not known: please report it.'
        : 'The ring of messages was overwritten: look for the report in an older log, of the console, the journal or pstore.',
    });
  }
  if (logs.every(({ end }) => end.isBinary)) {
    return new InputError({
      where,
      found: 'no text: there are NUL bytes in its beginning',
      expected,
      advice: 'Give the log as text: of a console, dmesg, journalctl -k, or a mail.',
    });
  }
  const lines = logs.reduce((sum, { end }) => sum + end.lines, 0);
  return new InputError({
    where,
    found: `no KASAN report in ${lines} ${lines === 1 ? 'line' : 'lines'}`,
    expected,
    advice:
      'A log begins anew with each boot, and rings of old messages are overwritten: look for the report in an older one.',
  });
}
