import { counted } from '../base/counted.ts';
import { InputError, quoted } from '../base/errors.ts';
import { formOf } from '../formats/ftrace-text/other-forms.ts';
import { EVENT_ALIASES } from '../trace/event-type.ts';
import { recorderOf } from '../trace/recorders.ts';
import { nameOf, type OpenedTrace } from '../open/opened-trace.ts';

const SHOWN_EVENTS = 5;

/**
 * Refuses a trace that no results can be made of, saying why.
 *
 * @throws InputError
 */
export function requireAllocations(trace: OpenedTrace): void {
  const { table, source } = trace;
  const where = nameOf(trace);
  if (table.unusable !== undefined) throw new InputError({ where, ...table.unusable });
  if ([...table.byType.keys()].some(isAllocation)) return;
  const { record } = recorderOf(table.recording, source.format);
  const [lost] = table.losses.samples;
  if (table.totalEvents === 0 && lost !== undefined) {
    const form = formOf(lost.found);
    throw new InputError({
      where: lost.line > 0 ? `${where}, line ${lost.line}` : `${where}, byte ${lost.offset}`,
      found: `${counted(table.losses.truncatedLines, 'line or record', 'lines or records')}, none of which can be read; the first is ${quoted(lost.found.trim(), 120)}`,
      expected: lost.expected,
      advice:
        form === undefined ? `Record again: ${record}.` : `The events are printed ${form.printed}. ${form.advice}`,
    });
  }
  const by = table.recording.recorder === '' ? '' : ` of ${table.recording.recorder}`;
  const others = [...table.byType.keys()].slice(0, SHOWN_EVENTS).join(', ');
  const more = table.byType.size > SHOWN_EVENTS ? ' and others' : '';
  const unread =
    lost === undefined
      ? ''
      : `, and ${counted(table.losses.truncatedLines, 'line or record', 'lines or records')} that cannot be read: the first is ${quoted(lost.found.trim(), 120)}`;
  throw new InputError({
    where,
    found:
      table.totalEvents === 0
        ? `a trace${by} without any event`
        : `a trace${by} without allocations (it has ${others}${more})${unread}`,
    expected: 'events of the group kmem',
    advice: `Record them: ${record}.`,
  });
}

const ALLOCATIONS: ReadonlySet<string> = new Set(['mm_page_alloc', 'kmem_cache_alloc', 'kmalloc']);
const isAllocation = (event: string): boolean => ALLOCATIONS.has(EVENT_ALIASES.get(event) ?? event);
