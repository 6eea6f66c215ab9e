/** A whole number with thousands separators: `1,234,567`. What is not whole (an estimate) is rounded. */
export function count(n: number): string {
  const digits = String(Math.abs(Math.round(n))).replace(/\B(?=(?:\d{3})+(?!\d))/g, ',');
  return Math.round(n) < 0 ? `-${digits}` : digits;
}

/** A number with its noun: `1 page`, `2 pages`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${Math.round(n) === 1 ? one : many}`;
