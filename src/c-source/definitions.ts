import type { SourceFragment } from './fragment.ts';
import { scanSource, type Directive, type ScannedSource, type Token } from './tokens.ts';

/** A macro, a constant or a member of an enumeration: a name for an expression. */
export interface NamedValue {
  readonly name: string;
  readonly line: number;
  readonly lastLine: number;
  /** Of a macro with parameters; none otherwise. */
  readonly parameters: readonly string[] | undefined;
  readonly body: readonly Token[];
}

const isName = (token: Token | undefined): token is Token => token?.kind === 'name';
const is = (token: Token | undefined, text: string): boolean => token?.kind === 'punctuation' && token.text === text;

/** What `#define` says, or undefined for another directive. */
export function macroOf(
  { keyword, tokens, line, lastLine }: Directive,
  source: SourceFragment,
): NamedValue | undefined {
  const [name, ...rest] = tokens;
  if (keyword !== 'define' || !isName(name)) return undefined;
  const text = source.lines[line - source.firstLine] ?? '';
  // Only a bracket that touches the name begins parameters.
  const touches = text.charAt(text.indexOf(name.text, text.indexOf('define') + 6) + name.text.length) === '(';
  const close = touches ? rest.findIndex((token) => is(token, ')')) : -1;
  return {
    name: name.text,
    line,
    lastLine,
    parameters: touches
      ? rest
          .slice(1, Math.max(close, 1))
          .filter(isName)
          .map(({ text: parameter }) => parameter)
      : undefined,
    body: close < 0 ? rest : rest.slice(close + 1),
  };
}

/** The macros that a fragment defines, in order. */
export const macrosOf = (source: SourceFragment, scanned: ScannedSource = scanSource(source)): readonly NamedValue[] =>
  scanned.directives.map((directive) => macroOf(directive, source)).filter((macro) => macro !== undefined);

/** Words that stand before a bracket and call nothing. */
const NOT_FUNCTIONS = new Set([
  '__attribute__',
  '__attribute',
  '__printf',
  '__scanf',
  '__acquires',
  '__releases',
  '__must_hold',
  '__section',
  '__alloc_size',
  '__aligned',
]);

/** Lines that begin at the margin and are no head of a function: labels, closing braces, preprocessor, comments. */
const HEAD = /^[A-Za-z_][\w\s*,()]*\(/;

/** Where functions begin and end, as far as a fragment shows it. */
export interface FunctionSpan {
  readonly name: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/**
 * The functions of a fragment. Kernel style is relied on: a head begins at the margin, the body ends with a brace at the
 * margin. What stands before the first head belongs to the function that the hunk's header names.
 */
export function functionsOf(
  source: SourceFragment,
  scanned: ScannedSource = scanSource(source),
): readonly FunctionSpan[] {
  const spans: FunctionSpan[] = [];
  const inComment = new Set<number>();
  for (const { firstLine, lastLine } of scanned.comments)
    for (let line = firstLine; line <= lastLine; line++) inComment.add(line);
  const inDirective = new Set<number>();
  for (const { line: first, lastLine } of scanned.directives)
    for (let line = first; line <= lastLine; line++) inDirective.add(line);
  let open: { name: string; firstLine: number } | undefined;
  if (source.heading !== undefined) {
    const name = functionNameOf(source.heading);
    if (name !== undefined) open = { name, firstLine: source.firstLine };
  }
  source.lines.forEach((text, index) => {
    const line = source.firstLine + index;
    if (inDirective.has(line)) return;
    if (text.startsWith('}')) {
      if (open !== undefined) spans.push({ ...open, lastLine: line });
      open = undefined;
      return;
    }
    if (inComment.has(line) && /^\s*(?:\/?\*|\*)/.test(text)) return;
    if (!HEAD.test(text) || isDeclaration(source.lines, index)) return;
    const name = functionNameOf(text);
    if (name === undefined) return;
    if (open !== undefined && open.firstLine < line) spans.push({ ...open, lastLine: line - 1 });
    open = { name, firstLine: line };
  });
  const last = source.firstLine + source.lines.length - 1;
  if (open !== undefined && last >= open.firstLine) spans.push({ ...open, lastLine: last });
  return spans;
}

/** Whether a head at the margin ends with a semicolon before a brace opens: a prototype, or a macro that is called. */
function isDeclaration(lines: readonly string[], index: number): boolean {
  for (let at = index; at < Math.min(lines.length, index + 12); at++) {
    const line = lines[at] ?? '';
    if (line.includes('{')) return false;
    if (line.trimEnd().endsWith(';')) return true;
    if (at > index && /^\S/.test(line) && !line.startsWith('{')) return false;
  }
  return false;
}

/** The function of a head such as `static int *f(struct s *p,`: the name before the first bracket that opens parameters. */
export function functionNameOf(head: string): string | undefined {
  for (const match of head.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) {
    const [, name = ''] = match;
    if (!NOT_FUNCTIONS.has(name)) return name;
  }
  return undefined;
}

/** The function that a line is in, or the macro; undefined outside. */
export function functionAt(spans: readonly FunctionSpan[], line: number): string | undefined {
  return spans.find(({ firstLine, lastLine }) => line >= firstLine && line <= lastLine)?.name;
}
