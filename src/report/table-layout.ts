/** A column of a table that is laid out in a given width. */
export interface LaidOutColumn {
  /** A column of names: it is shortened, down to this width, before columns are left out. */
  readonly shrinkTo?: number;
}

/** The columns that were chosen, and how wide each is. */
export interface FittedLayout<Column> {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
}

/**
 * Chooses the columns that fit, and shortens names where that is enough.
 *
 * @param layouts from the most telling choice of columns to the narrowest one: the first that fits is used
 * @param widthOf how wide a column would like to be
 * @param room columns of text that there are
 * @param gap columns of text between two columns of the table
 */
export function fitLayout<Column extends LaidOutColumn>(
  layouts: readonly [readonly Column[], ...(readonly Column[])[]],
  widthOf: (column: Column) => number,
  room: number,
  gap: number,
): FittedLayout<Column> {
  const needed = (widths: readonly number[]): number =>
    widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
  const narrowest = (column: Column): number => Math.min(widthOf(column), column.shrinkTo ?? Number.POSITIVE_INFINITY);
  const columns = layouts.find((layout) => needed(layout.map(narrowest)) <= room) ?? layouts[layouts.length - 1];
  const widths = columns.map(widthOf);
  let excess = needed(widths) - room;
  columns.forEach(({ shrinkTo }, index) => {
    if (shrinkTo === undefined || excess <= 0) return;
    const cut = Math.min(excess, Math.max(0, widths[index] - shrinkTo));
    widths[index] -= cut;
    excess -= cut;
  });
  return { columns, widths };
}
