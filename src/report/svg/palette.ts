import { ALLOCATION_CLASSES, type AllocationClass } from '../../base/allocation-class.ts';

/** A colour on light and on dark ground. */
export interface Color {
  readonly light: string;
  readonly dark: string;
}

/**
 * Fills of a class. `tint` is behind text and has a contrast of more than 4.5 to it; `solid` is a bar of its own. All have
 * one lightness and saturation (OKLCH), so that none stands out: what is large does.
 */
export const CLASS_COLORS: { readonly [Class in AllocationClass]: { readonly tint: Color; readonly solid: Color } } = {
  'kernel-stack': { tint: { light: '#f7cfaf', dark: '#5a3a1f' }, solid: { light: '#b87436', dark: '#cc8f5c' } },
  'shadow-call-stack': { tint: { light: '#d6dea8', dark: '#414819' }, solid: { light: '#858d24', dark: '#a1a951' } },
  'page-table': { tint: { light: '#fec9c1', dark: '#5e3530' }, solid: { light: '#c2695e', dark: '#d6867b' } },
  'slab-page': { tint: { light: '#b8def3', dark: '#264758' }, solid: { light: '#4590b4', dark: '#69a8c8' } },
  'slab-object': { tint: { light: '#bfd9ff', dark: '#2e4362' }, solid: { light: '#5987cb', dark: '#77a0dc' } },
  'kmalloc-large': { tint: { light: '#d5d2ff', dark: '#413d61' }, solid: { light: '#837ac7', dark: '#9b94d9' } },
  vmalloc: { tint: { light: '#ebcbf0', dark: '#513755' }, solid: { light: '#a66eaf', dark: '#bc89c3' } },
  'mmu-gather': { tint: { light: '#e6d7a9', dark: '#4e4119' }, solid: { light: '#9f8322', dark: '#b59d51' } },
  'user-anon': { tint: { light: '#bde3c1', dark: '#2b4b30' }, solid: { light: '#51995d', dark: '#72b07b' } },
  'user-file': { tint: { light: '#aee5d3', dark: '#194d3f' }, solid: { light: '#199c7e', dark: '#53b397' } },
  pipe: { tint: { light: '#b2e2e2', dark: '#1f4a4b' }, solid: { light: '#309798', dark: '#5caeaf' } },
  'socket-buffer': { tint: { light: '#a8e3ef', dark: '#0f4b55' }, solid: { light: '#0098ae', dark: '#44afc3' } },
  percpu: { tint: { light: '#f8c7dd', dark: '#5a3547' }, solid: { light: '#b96890', dark: '#ce84a7' } },
  'driver/other': { tint: { light: '#d8d8d2', dark: '#43423e' }, solid: { light: '#88867d', dark: '#a09f96' } },
  unknown: { tint: { light: '#d5d7db', dark: '#414245' }, solid: { light: '#83868c', dark: '#9b9fa3' } },
};

/** The name that style sheets know the colours of a class by. */
export const classStyle = (name: AllocationClass): string => `k${ALLOCATION_CLASSES.indexOf(name)}`;

/** How much a figure changed, and the colours of it: blue is less, orange is more. The two differ to every kind of eye. */
export interface ChangeStep {
  readonly style: string;
  /** In a legend. */
  readonly name: string;
  readonly color: Color;
}

const GONE: ChangeStep = { style: 'd0', name: 'gone', color: { light: '#73b1ea', dark: '#225b8d' } };
const HALVED: ChangeStep = { style: 'd1', name: 'half or less', color: { light: '#a4ccf3', dark: '#264a6c' } };
const LESS: ChangeStep = { style: 'd2', name: 'less', color: { light: '#d0e4f8', dark: '#273a4c' } };
const SAME: ChangeStep = { style: 'd3', name: 'as before', color: { light: '#e9e8e3', dark: '#33332f' } };
const MORE: ChangeStep = { style: 'd4', name: 'more', color: { light: '#fadac6', dark: '#4e3829' } };
const DOUBLED: ChangeStep = { style: 'd5', name: 'twice or more', color: { light: '#f7bc95', dark: '#6f4425' } };
const NEW: ChangeStep = { style: 'd6', name: 'new', color: { light: '#f0995b', dark: '#90511f' } };

/** From the greatest saving to what is new: the order of a legend. */
export const CHANGE_STEPS: readonly ChangeStep[] = [GONE, HALVED, LESS, SAME, MORE, DOUBLED, NEW];

/** The step of a change from one figure to another; both are 0 or more. */
export function changeStep(from: number, to: number): ChangeStep {
  if (from === to) return SAME;
  if (to === 0) return GONE;
  if (from === 0) return NEW;
  if (to < from) return to * 2 <= from ? HALVED : LESS;
  return from * 2 <= to ? DOUBLED : MORE;
}

/** Colours of text and ground. */
export const INK: Color = { light: '#1d1d1b', dark: '#e8e6e1' };
export const FAINT: Color = { light: '#63615c', dark: '#a5a29b' };
export const PAPER: Color = { light: '#fdfcfa', dark: '#161719' };
export const RULE: Color = { light: '#dddad3', dark: '#34363a' };

/** Variables of a style sheet for all colours, and the rules that use them. Who prints wants the light ones. */
export function colorStyle(): string {
  const named: readonly (readonly [name: string, color: Color])[] = [
    ['ink', INK],
    ['faint', FAINT],
    ['paper', PAPER],
    ['rule', RULE],
    ...ALLOCATION_CLASSES.flatMap((name) => [
      [`${classStyle(name)}`, CLASS_COLORS[name].tint] as const,
      [`${classStyle(name)}-solid`, CLASS_COLORS[name].solid] as const,
    ]),
    ...CHANGE_STEPS.map(({ style, color }) => [style, color] as const),
  ];
  const variables = (ground: keyof Color): string =>
    named.map(([name, color]) => `--${name}:${color[ground]}`).join(';');
  const rules = [
    ...ALLOCATION_CLASSES.map(classStyle).flatMap((style) => [
      `.${style}{fill:var(--${style})}`,
      `.${style}-solid{fill:var(--${style}-solid)}`,
    ]),
    ...CHANGE_STEPS.map(({ style }) => `.${style}{fill:var(--${style})}`),
  ];
  return `:root{${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
${rules.join('\n')}
`;
}
