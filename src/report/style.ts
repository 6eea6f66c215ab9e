/** How parts of a text stand out. Each function gives its text back, perhaps with escape sequences around it. */
export interface Style {
  /** The answer, and titles. */
  readonly strong: (text: string) => string;
  /** What surrounds the figures: table heads, notes. */
  readonly faint: (text: string) => string;
  /** What the reader should not miss. */
  readonly warning: (text: string) => string;
}

const same = (text: string): string => text;

/** No escape sequences: for files, pipes and tests. */
export const plainStyle: Style = { strong: same, faint: same, warning: same };
