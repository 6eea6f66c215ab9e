import type { GfpStyle, InfoResult } from '../result/info.ts';
import { readLossesText } from './losses-text.ts';
import { byteSize, clockDuration, clockSpan, count, counted, percent } from './number-format.ts';
import { printable } from './printable.ts';
import { labelled, wrap } from './prose.ts';
import { joinSections } from './layout.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const LABEL_WIDTH = 10;

/** What is in a trace, as text: ends with a newline. */
export function renderInfo(result: InfoResult, options: TextOptions): string {
  return joinSections([
    headLines(result, options),
    eventLines(result, options),
    readLossesText(result.losses, options),
    missingLines(result, options),
  ]);
}

const GFP: { readonly [Style in GfpStyle]: string } = {
  names: 'gfp flags by name',
  numbers: 'gfp flags as numbers of the recording kernel',
  none: 'no gfp flags',
};

function headLines(result: InfoResult, options: TextOptions): string[] {
  const { source, recording, time, cpus, tasks, events, stacks, pointers, gfp, hwTags, interrupts } = result;
  const line = (label: string, text: string): string[] =>
    text === '' ? [] : labelled(label, LABEL_WIDTH, printable(text, options.unicode), proseWidth(options));
  const kernel = [
    recording.kernelRelease === '' ? 'a version that the trace does not say' : `Linux ${recording.kernelRelease}`,
    ...(recording.architecture === '' ? [] : [recording.architecture]),
    ...(recording.pageSize === 0 ? [] : [`pages of ${byteSize(recording.pageSize)}`]),
    hwTags ? 'with KASAN HW_TAGS' : 'no sign of KASAN HW_TAGS',
  ];
  return [
    ...line('Trace', `${source.files.join(', ')}: ${source.format}, ${byteSize(source.bytes)}.`),
    ...line('Recorder', recording.recorder),
    ...line('Kernel', `${kernel.join(', ')}.`),
    ...line(
      'Time',
      `${clockDuration({ ...recording, seconds: time.seconds })}, from ${clockSpan(time.first, time.last, recording.timeUnit)}${recording.clock === '' ? '' : ` on the clock ${recording.clock}`}; ${counted(cpus, 'CPU')}, ${counted(tasks, 'task')}.`,
    ),
    ...line(
      'Contents',
      `${counted(events.total, 'event')}, of which ${count(events.kept)} ${events.kept === 1 ? 'is' : 'are'} used; ${stacks.events === 0 ? 'no stack traces' : `stack traces for ${count(stacks.events)} (${percent(stacks.events, events.kept)}), ${count(stacks.distinct)} of them distinct`}; ${pointers === 'none' ? 'no pointers' : `${pointers} pointers`}, ${GFP[gfp]}, interrupts ${interrupts ? '' : 'not '}told apart.`,
    ),
    ...recording.notes.flatMap((note) => line('Note', note)),
    ...recording.warnings.flatMap((warning) => line('Warning', `${warning}.`)),
  ];
}

function eventLines({ events }: InfoResult, options: TextOptions): string[] {
  if (events.byType.length === 0) return [];
  const width = Math.max(...events.byType.map((entry) => count(entry.count).length));
  const rows = (kept: boolean): string[] =>
    events.byType
      .filter((entry) => entry.kept === kept)
      .map((entry) => `  ${count(entry.count).padStart(width)}  ${printable(entry.event, options.unicode)}`);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [options.style.strong(title), ...lines];
  return [...section('Events that are used', rows(true)), ...section('Events that are counted only', rows(false))];
}

function missingLines({ missing, record }: InfoResult, options: TextOptions): string[] {
  if (missing.length === 0) return [`${options.style.strong('Missing for a good report:')} nothing`];
  return [
    options.style.strong('Missing for a good report'),
    ...missing.flatMap(({ what, consequence, advice }) =>
      wrap(
        printable(`${what}: ${consequence}${advice === '' ? '' : `; ${advice}`}`, options.unicode),
        proseWidth(options) - 4,
        '  ',
      ).map((text) => `  ${text}`),
    ),
    ...wrap(printable(`To record all of it: ${record}.`, options.unicode), proseWidth(options) - 2, '  '),
  ];
}
