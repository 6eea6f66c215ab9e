import type { Style } from './style.ts';

/** What rows the second table of a report has. */
export type ReportBy = 'class' | 'site' | GroupedBy;

/** What a result must be grouped by to have such rows. */
export type GroupedBy = 'comm' | 'pid' | 'cache' | 'order' | 'stack';

export interface TextOptions {
  /** Columns that a line may have; `MIN_WIDTH` or more. */
  readonly width: number;
  /** How things stand out; `plainStyle` for no colour. */
  readonly style: Style;
  /** Whether characters beyond ASCII may be printed. */
  readonly unicode: boolean;
  /** Rows of the second table; 0 for all. */
  readonly top: number;
  readonly by: ReportBy;
  /** The terminal that it is read in; undefined for a file or a pipe, which get everything. */
  readonly screen?: Screen | undefined;
  /** What this program is called in a command to be run again; undefined for its name. */
  readonly program?: string | undefined;
}

export interface Screen {
  /** Lines that it has. */
  readonly height: number;
  /** Whether everything was asked for, however long it is. */
  readonly whole: boolean;
}

/** The narrowest width that texts are laid out for. */
export const MIN_WIDTH = 60;
/** Prose is not wider than this, however wide the terminal is: longer lines are hard to read. */
const MAX_PROSE_WIDTH = 100;

export const layoutWidth = (options: TextOptions): number => Math.max(MIN_WIDTH, options.width);
export const proseWidth = (options: TextOptions): number => Math.min(layoutWidth(options), MAX_PROSE_WIDTH);
