/** A dot, and what is to stand beside it. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Where labels may stand. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A label in its place: where the text begins, and where a line to its dot ends if it is not beside it. */
export interface PlacedLabel {
  readonly dot: Dot;
  readonly at: { readonly x: number; readonly y: number };
  readonly line: { readonly x: number; readonly y: number } | undefined;
}

/** What a text of 12 pixels surely has room in. */
const CHARACTER = 6.6;
const HEIGHT = 14;
const BASELINE = 10;
/** Between a dot and its label. */
const GAP = 8;
const DOT = 5;
/** How far a label may be from its dot, in heights of a line. */
const REACH = 24;

/** The room that a label takes: `left` and `top`, and as wide and high as it is. */
export const boxOf = ({ dot, at }: Pick<PlacedLabel, 'dot' | 'at'>): Area => ({
  left: at.x,
  right: at.x + dot.text.length * CHARACTER,
  top: at.y - BASELINE,
  bottom: at.y - BASELINE + HEIGHT,
});

const overlap = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Puts a label beside each dot so that none covers another or a dot; what has no room there is further up or down. */
export function placeLabels(dots: readonly Dot[], area: Area): readonly PlacedLabel[] {
  const taken: Area[] = dots.map(({ x, y }) => ({ left: x - DOT, right: x + DOT, top: y - DOT, bottom: y + DOT }));
  return dots.map((dot) => {
    const places = placesFor(dot);
    const isFree = (place: PlacedLabel): boolean => {
      const box = boxOf(place);
      const isInside =
        box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom;
      return isInside && !taken.some((other) => overlap(box, other));
    };
    const chosen = places.find(isFree) ?? places[0];
    taken.push(boxOf(chosen));
    return chosen;
  });
}

/** Right and left of the dot, then further and further above and below. */
function placesFor(dot: Dot): readonly [PlacedLabel, ...PlacedLabel[]] {
  const width = dot.text.length * CHARACTER;
  const beside = (side: 'right' | 'left', shift: number): PlacedLabel => {
    const at = { x: side === 'right' ? dot.x + GAP : dot.x - GAP - width, y: dot.y + BASELINE / 2 - 1 + shift };
    const edge = side === 'right' ? at.x : at.x + width;
    return { dot, at, line: shift === 0 ? undefined : { x: edge, y: at.y - BASELINE / 2 + 1 } };
  };
  const further = Array.from({ length: REACH }, (_, step) => (step + 1) * HEIGHT).flatMap((shift) =>
    [-shift, shift].flatMap((each) => [beside('right', each), beside('left', each)]),
  );
  return [beside('right', 0), beside('left', 0), ...further];
}
