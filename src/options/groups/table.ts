import { FORMATS, type FormatName } from '../../report/formats.ts';
import { DEFAULT_MEASURE, MEASURES, type MeasureId } from '../../report/stacks/measures.ts';
import type { ReportBy } from '../../report/text-options.ts';
import type { Option } from '../option.ts';

const GROUPINGS = ['class', 'site', 'comm', 'pid', 'cache', 'order', 'stack'] as const satisfies readonly ReportBy[];
const MEASURE_IDS: readonly MeasureId[] = MEASURES.map(({ id }) => id);
const ALL_BUT_JSON: readonly FormatName[] = FORMATS.map(({ name }) => name).filter((name) => name !== 'json');

/** The rows of a list if nothing is said. */
export const DEFAULT_ROWS = 10;

/** How many rows a list has. */
export const topOption = <const Help extends string>(help: Help) =>
  ({
    name: 'top',
    value: 'n',
    default: `${DEFAULT_ROWS}`,
    help: `${help}; 0 for all`,
    reproduces: true,
    onlyIn: ['text', 'markdown'],
  }) as const satisfies Option;

/** What is as wide as a stack. */
export const WEIGHT = {
  name: 'weight',
  value: 'figure',
  choices: MEASURE_IDS,
  default: DEFAULT_MEASURE,
  help: `how wide stacks are, in collapsed stacks and flame graphs: ${MEASURE_IDS.join(', ')}`,
  onlyIn: ['html', 'svg', 'collapsed'],
} as const satisfies Option;

/** What the second table is by. */
export const BY = {
  name: 'by',
  value: 'what',
  choices: GROUPINGS,
  default: 'site',
  otherwise: 'site; stack for profiles and graphs',
  help: 'what the second table is by: class (none), site, comm, pid, cache, order, stack',
  reproduces: true,
  // JSON always has classes and call sites; other groups only where they are asked for.
  onlyIn: ALL_BUT_JSON,
  onlyInValues: ['class', 'site'],
} as const satisfies Option;

/** How results with a table by site and with stacks are laid out. */
export const TABLE_OPTIONS = [BY, topOption('rows of the second table'), WEIGHT] as const satisfies readonly Option[];
