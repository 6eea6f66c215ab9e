import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCalibration } from '../cost/calibration.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { CALIBRATE, CORE, MEMORY, type CalibrateOptions } from '../options/commands/calibrate.ts';
import { numberOf } from '../options/read-option.ts';
import { createProgress } from './progress.ts';
import { claimOutput } from './output-file.ts';
import { openOutput, print } from './result-output.ts';
import { runProgram } from './run-program.ts';
import type { Surroundings } from './surroundings.ts';
import { whileUnfinished } from './while-unfinished.ts';

/** The program, beside the package's own files. */
const PROGRAM = fileURLToPath(new URL('../../calibration/mte-calibrate.c', import.meta.url));
const NAME = 'mte-calibrate';

const COMPILER_ADVICE = 'A C compiler is needed (Debian: apt install gcc); --cc names another one.';

/** How it is done on another machine. */
const ELSEWHERE = `On the machine that is to be measured (arm64 with MTE, Linux 5.10 or newer):
  tagscope calibrate --write-program ${NAME}.c      here; copy the file there
  cc -O2 -o ${NAME} ${NAME}.c
  ./${NAME} --core 0 > machine.json                 one file for each kind of core
and back here:
  tagscope report TRACE --profile machine.json
`;

/**
 * `tagscope calibrate`: measures what tag instructions cost on this machine, or, where it has no memory tagging, says how
 * to measure another one.
 */
export async function runCalibrate(raw: CalibrateOptions, surroundings: Surroundings): Promise<ExitCode> {
  const core = numberOf(CORE, raw);
  const memory = numberOf(MEMORY, raw);
  const args = [
    ...(core === undefined ? [] : ['--core', `${core}`]),
    ...(memory === undefined ? [] : ['--memory', `${memory}`]),
  ];
  if (raw.writeProgram !== undefined) return await writeProgram(raw.writeProgram, raw.force === true, surroundings);
  if (process.arch !== 'arm64' || process.platform !== 'linux') {
    surroundings.stderr.write(
      `tagscope: this machine (${process.platform}, ${process.arch}) has no arm64 memory tagging to measure.\n${ELSEWHERE}`,
    );
    return EXIT.failed;
  }
  const output = await openOutput(CALIBRATE, raw, surroundings);
  const progress = createProgress(surroundings, raw.quiet === true);
  try {
    await output.write(await measure(raw.cc ?? surroundings.env['CC'] ?? 'cc', args, (what) => progress.say(what)));
    await output.finish();
  } finally {
    progress.end();
  }
  if (raw.output !== undefined && raw.quiet !== true)
    surroundings.stderr.write(`${raw.output}: written. Use it with --profile ${raw.output}.\n`);
  return EXIT.ok;
}

/**
 * Compiles the program and runs it.
 *
 * @param args of the program
 * @returns a calibration, as the text of its file
 * @throws UsageError if the compiler or the program fails, InputError for a result that no profile can be made of
 */
export async function measure(cc: string, args: readonly string[], say: (what: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagscope-calibrate-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return await whileUnfinished(remove, async () => {
    try {
      const binary = join(folder, NAME);
      say('compiling the program that measures');
      await runProgram(cc, ['-O2', '-o', binary, PROGRAM], COMPILER_ADVICE);
      const text = await runProgram(binary, args, ELSEWHERE.trim(), (line) => say(`measuring ${line}`));
      parseCalibration(text, 'of this machine');
      return text;
    } finally {
      remove();
    }
  });
}

async function writeProgram(path: string, force: boolean, { stderr, stdout }: Surroundings): Promise<ExitCode> {
  if (path === '-') {
    await print(stdout, await readFile(PROGRAM, 'utf8'));
    return EXIT.ok;
  }
  const file = claimOutput(`--write-program ${path}`, path, force, [PROGRAM]);
  await file.write(await readFile(PROGRAM));
  stderr.write(`${path}: written.\n${ELSEWHERE}`);
  return EXIT.ok;
}
