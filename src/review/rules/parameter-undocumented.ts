import type { Token } from '../../c-source/tokens.ts';
import type { Piece } from '../pieces.ts';
import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import type { Understood } from '../understood.ts';

const DECLARERS = new Set(['early_param', '__setup', 'core_param', 'early_param_on_off', 'module_param_named']);

interface Parameter {
  readonly name: string;
  readonly piece: Piece;
  readonly line: number;
}

const textIn = (token: Token | undefined): string | undefined =>
  token?.kind === 'string' ? token.text.replace(/^"|"$/g, '').replace(/=$/, '') : undefined;

/** Boot parameters that pieces declare. */
const parametersIn = (pieces: readonly Piece[]): readonly Parameter[] =>
  pieces.flatMap((piece) =>
    piece.statements.calls.flatMap((call) => {
      const [first] = call.arguments[0] ?? [];
      const name = DECLARERS.has(call.callee)
        ? (textIn(first) ?? (call.callee === 'core_param' ? first?.text : undefined))
        : undefined;
      return name === undefined ? [] : [{ name, piece, line: call.line }];
    }),
  );

/** What the series leaves in Documentation/, as far as it shows it. */
const documentation = ({ applied }: Pick<Understood, 'applied'>): string =>
  applied.files
    .filter(({ after }) => after?.path.startsWith('Documentation/') === true)
    .flatMap(({ after }) => after?.fragments ?? [])
    .flatMap(({ lines }) => lines.map(({ text }) => text))
    .join('\n');

export const parameterUndocumented: Rule = {
  id: 'parameter-undocumented',
  about: 'A boot parameter is not in Documentation/.',
  follows: 'text',
  ask(series) {
    const before = new Set(parametersIn(series.files.flatMap((file) => file.before)).map(({ name }) => name));
    const documented = documentation(series);
    const findings: Finding[] = [];
    for (const { name, piece, line } of parametersIn(series.files.flatMap((file) => file.after))) {
      const where = atAdded(piece, line);
      const inTree = series.tree?.filesWith(name).some((path) => path.startsWith('Documentation/')) === true;
      if (where === undefined || before.has(name) || documented.includes(name) || inTree) continue;
      findings.push({
        ...where,
        text: `${name} is not in Documentation/. Where will users find it?`,
        evidence: [inSource(`no patch of the series names ${name} in Documentation/`)],
        modes: [],
        about: name,
      });
    }
    return findings;
  },
};
