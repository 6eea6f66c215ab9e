import type { EventTable } from '../trace/event-table.ts';
import type { TraceSource } from '../trace/trace-source.ts';

/** A trace that was read, and what to say of where it is from. */
export interface OpenedTrace {
  readonly table: EventTable;
  readonly source: TraceSource;
}

/** What an input is called in messages: its path, or in words what `-` stands for. */
export const displayName = (path: string): string => (path === '-' ? 'standard input' : path);

/** What messages call a trace. */
export const nameOf = ({ source }: OpenedTrace): string => source.files.map(displayName).join(', ');
