import type { Figure } from '../cost/figure.ts';
import type { CostProfile, Reading } from '../cost/profile.ts';
import { printable } from './printable.ts';
import { labelled, prose, wrap } from './prose.ts';
import { detail, layOut } from './layout.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { textTable } from './text-table.ts';

/** The profiles by name, each with the first sentence that it says of itself. */
export function renderProfileList(profiles: readonly CostProfile[], usual: string, options: TextOptions): string {
  const labelWidth = Math.max(...profiles.map(({ name }) => name.length)) + 2;
  return layOut(
    [
      [],
      detail(
        'what each is',
        profiles.flatMap(({ name, description, provenance }) =>
          labelled(
            name,
            labelWidth,
            printable(
              `${firstSentence(description)} (${provenance}${name === usual ? '; the default' : ''})`,
              options.unicode,
            ),
            proseWidth(options),
          ),
        ),
        ...profiles.map(({ name, provenance }) => `${name} (${provenance}${name === usual ? '; the default' : ''})`),
      ),
      wrap(
        'And any file that `tagscope calibrate` wrote. `tagscope profiles NAME` has the numbers of one, and where each is from.',
        proseWidth(options),
      ),
    ],
    options,
  );
}

/** One profile: its numbers with where each is from, and what its readings assume. */
export function renderProfile(profile: CostProfile, readings: readonly Reading[], options: TextOptions): string {
  const titled = (title: string, lines: readonly string[]): string[] => [
    ...prose(title, options).map(options.style.strong),
    ...lines,
  ];
  return layOut(
    [
      prose(`${profile.name} (${profile.provenance}): ${profile.description}`, options),
      titled('Numbers', figureTable(profile.figures, options)),
      detail(
        'where they are from',
        titled('Where they are from', sources(profile.figures, options)),
        `From: ${printable([...new Set(profile.figures.map(({ source }) => source))].join('; '), options.unicode)}`,
      ),
      detail(
        'readings',
        titled(
          'Readings, of which a time is the first and its interval what all of them span',
          readings.flatMap(({ name, assumes }) =>
            labelled(
              `  ${name}`,
              Math.max(...readings.map((reading) => reading.name.length)) + 4,
              printable(assumes, options.unicode),
              proseWidth(options),
            ),
          ),
        ),
        `Readings: ${printable(readings.map(({ name }) => name).join('; '), options.unicode)}`,
      ),
      prose(
        'A time is that of the tags alone: zeroing that is due anyway is taken off, and DC ZVA costs nothing here. docs/cost-model.md has the formula.',
        options,
      ),
    ],
    options,
  );
}

const firstSentence = (text: string): string => text.split(/(?<=\.)\s/)[0];

function figureTable(figures: readonly Figure[], options: TextOptions): string[] {
  const right = (title: string, of: (figure: Figure) => number) => ({
    title,
    align: 'right' as const,
    cell: (figure: Figure): string => String(Number(of(figure).toPrecision(5))),
  });
  const name = { title: 'number', align: 'left' as const, cell: (figure: Figure): string => figure.name, shrinkTo: 20 };
  const figureColumns = [
    right('best', ({ best }) => best),
    right('at least', ({ low }) => low),
    right('at most', ({ high }) => high),
  ];
  const unit = { title: 'unit', align: 'left' as const, cell: (figure: Figure): string => figure.unit, shrinkTo: 8 };
  const provenance = { title: 'is', align: 'left' as const, cell: (figure: Figure): string => figure.provenance };
  return textTable(
    figures,
    [
      [name, ...figureColumns, unit, provenance],
      [name, ...figureColumns, provenance],
    ],
    options,
  );
}

/** Each source once, with the numbers that are from it. */
function sources(figures: readonly Figure[], options: TextOptions): string[] {
  const bySource = new Map<string, string[]>();
  for (const { name, source } of figures) bySource.set(source, [...(bySource.get(source) ?? []), name]);
  return [...bySource].flatMap(([source, names]) =>
    wrap(printable(`${names.join('; ')}: ${source}.`, options.unicode), proseWidth(options) - 2, '  ').map(
      (line) => `  ${line}`,
    ),
  );
}
