import { printable } from './printable.ts';

/** What may stand in markup. Text and numbers are escaped; only what is markup already is not. */
export type Content = string | number | Markup | readonly Content[];

/** A piece of HTML or SVG that is well-formed by the way it was made. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Makes markup of a template: what stands in it is markup, and what is put into it is escaped, in text and in attributes
 * in double quotes alike. Names come from strangers, and nothing can be forgotten to be escaped this way.
 */
export const markup = (parts: TemplateStringsArray, ...values: readonly Content[]): Markup =>
  new Markup(parts.map((part, index) => part + (index < values.length ? render(values[index]) : '')).join(''));

/** Nothing. */
export const NOTHING = new Markup('');

function render(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escaped(content);
  return content.map(render).join('');
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Also without characters that XML does not allow, or that turn the direction of a text. */
const escaped = (text: string): string => printable(text, true).replace(/[&<>"']/g, (char) => ENTITIES.get(char) ?? '');
