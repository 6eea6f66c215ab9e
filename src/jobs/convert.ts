import { writeEvents, type ByteSink } from '../formats/arrow/writer.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import { requireAllocations } from './require-allocations.ts';

/** Writes the events of a trace to a file that is read at once. @throws InputError for a trace without allocations */
export function convertTrace(trace: OpenedTrace, sink: ByteSink): void {
  requireAllocations(trace);
  writeEvents(trace.table, trace.source, sink);
}
