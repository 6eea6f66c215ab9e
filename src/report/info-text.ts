import type { GfpStyle, InfoResult } from '../result/info.ts';
import { readLossesText, readLossSentences } from './losses-text.ts';
import { byteSize, clockDuration, clockSpan, count, counted, percent } from './number-format.ts';
import { printable } from './printable.ts';
import { labelled, wrap } from './prose.ts';
import { detail, layOut, type Detail } from './layout.ts';
import { noteLines } from './top-rows.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const LABEL_WIDTH = 10;

/** What is in a trace, as text: ends with a newline. */
export function renderInfo(result: InfoResult, options: TextOptions): string {
  const { missing, losses, events } = result;
  return layOut(
    [
      headLines(result, options),
      {
        name: 'all events',
        rows: events.byType.length,
        brief: `Events: ${events.byType.map((entry) => `${count(entry.count)} ${entry.event}`).join(', ')}`,
        render: (rows) => eventLines(events.byType, rows, options),
      },
      { ...detail('losses in full', readLossesText(losses, options), lossesBrief(result)), complete: true },
      missingDetail(result, options),
      missing.length === 0
        ? []
        : detail(
            'how to record all of it',
            wrap(printable(`To record all of it: ${result.record}.`, options.unicode), proseWidth(options), '  '),
          ),
    ],
    options,
  );
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

type CountedEvent = InfoResult['events']['byType'][number];

/** So many kinds of event, those that are used first. */
function eventLines(all: readonly CountedEvent[], rows: number, options: TextOptions): string[] {
  if (all.length === 0) return [];
  const width = Math.max(...all.map((entry) => count(entry.count).length));
  const ordered = [...all.filter(({ kept }) => kept), ...all.filter(({ kept }) => !kept)].slice(0, rows);
  const section = (title: string, shown: readonly CountedEvent[]): string[] =>
    shown.length === 0
      ? []
      : [
          options.style.strong(title),
          ...shown.map(
            (entry) => `  ${count(entry.count).padStart(width)}  ${printable(entry.event, options.unicode)}`,
          ),
        ];
  return [
    ...section(
      'Events that are used',
      ordered.filter(({ kept }) => kept),
    ),
    ...section(
      'Events that are counted only',
      ordered.filter(({ kept }) => !kept),
    ),
    ...(rows < all.length
      ? noteLines(`${counted(all.length - rows, 'more kind of event', 'more kinds of event')}; -v shows them.`, options)
      : []),
  ];
}

const lossesBrief = ({ losses }: InfoResult): string => `Losses: ${readLossSentences(losses).join('; ') || 'none'}`;

/** What is missing: on a small screen in one line. */
function missingDetail({ missing }: InfoResult, options: TextOptions): Detail {
  const title = 'Missing for a good report';
  if (missing.length === 0)
    return { ...detail(title, [`${options.style.strong(`${title}:`)} nothing`], `${title}: nothing`), complete: true };
  return detail(
    'what is missing and why',
    [
      options.style.strong(title),
      ...missing.flatMap(({ what, consequence, advice }) =>
        wrap(
          printable(`${what}: ${consequence}${advice === '' ? '' : `; ${advice}`}`, options.unicode),
          proseWidth(options) - 4,
          '  ',
        ).map((text) => `  ${text}`),
      ),
    ],
    `${title}: ${missing.map(({ what }) => what).join('; ')}`,
  );
}
