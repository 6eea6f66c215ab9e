import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { CpuClocks } from './cpu-clocks.ts';
import type { EventNames } from './event-names.ts';
import type { EventText } from './event-text.ts';
import type { TextInput } from './text-input.ts';
import type { TextOrigins } from './text-origins.ts';
import { areCutBetweenLines, type TextPart } from './text-part.ts';

/** What every reader of text is made of, and what its parts are joined by. */
export interface TextPieces {
  readonly input: TextInput;
  readonly table: EventTableBuilder;
  readonly events: EventText;
  readonly names: EventNames;
  readonly origins: TextOrigins;
  readonly clocks: CpuClocks;
}

type PiecesPart = Pick<TextPart, keyof Omit<TextPieces, 'table'> | 'batches' | 'length' | 'firstTime' | 'lastTime'>;

/** What the pieces hold, as plain data. */
export const partOf = ({ input, table, events, names, origins, clocks }: TextPieces): PiecesPart => ({
  input: input.part(),
  events: events.part(),
  names: names.part(),
  origins: origins.part(),
  clocks: clocks.part(),
  ...table.columns(),
});

/** Whether parts begin with records of their own, on the same clock, and there is room for all of them. */
export const partsFit = (
  { input, events, names, origins }: TextPieces,
  baseSeconds: number,
  parts: readonly TextPart[],
): boolean =>
  areCutBetweenLines(input.part(), parts) &&
  parts.every((part) => part.baseSeconds === baseSeconds) &&
  origins.hasRoomFor(parts.map((part) => part.origins)) &&
  names.hasRoomFor(parts.map((part) => part.names)) &&
  events.hasRoomFor(parts.map((part) => part.events));

/** Adds what a part holds, which must fit. */
export function joinPart({ input, table, events, names, origins, clocks }: TextPieces, part: TextPart): void {
  table.addRenumbered(part.batches, part.length, {
    ...events.join(part.events),
    origins: origins.join(part.origins),
  });
  // A part may have no event.
  if (part.firstTime <= part.lastTime) {
    table.seen(part.firstTime);
    table.seen(part.lastTime);
  }
  names.join(part.names);
  input.join(part.input);
  input.losses.clockBackwards += clocks.join(part.clocks);
}
