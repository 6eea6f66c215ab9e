import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';

const FASTER =
  /\b(?:faster|speed(?:s|ed)?[ -]?ups?|speeds? up|(?:improv\w+|better|increas\w+) (?:the )?(?:\w+ )?(?:performance|throughput|latency)|performance (?:improvement|gain|win)s?|(?:reduc\w+|lower\w*|less|sav\w+) (?:the |some |a lot of )?(?:\w+ )?(?:overhead|cost|latency|time|cycles))\b/i;

/**
 * A number with a unit of measurement, or a link. The length of each part is bound: it is read anew from each digit of a
 * long text.
 */
export const FIGURE =
  /\d[\d.,]{0,20}\s{0,4}(?:%|percent\b|x\b|×|ns\b|us\b|µs\b|ms\b|s\b|sec|min|cycles?\b|instructions?\b|[KMG]i?B\b|[KMG]?bits?\/s|ops?\b|iops\b|req\w{0,8}\/s|MB\/s|GB\/s)|https?:\/\//i;

export const noFigure: Rule = {
  id: 'no-figure',
  about: 'A message says that something is faster and gives no figure.',
  follows: 'text',
  ask(series) {
    if (FIGURE.test(series.text)) return [];
    const findings: Finding[] = [];
    for (const { number, subject, message, files } of series.version.patches) {
      const claim = FASTER.exec(`${subject}\n${message}`);
      const [file] = files;
      if (claim === null || file === undefined) continue;
      const line = file.hunks.flatMap(({ lines }) => lines).find(({ type }) => type !== 'context');
      const place = line === undefined ? undefined : series.applied.placeOf(line);
      findings.push({
        patch: number,
        file: place?.path ?? file.newPath ?? file.oldPath ?? '',
        line: place?.line ?? 1,
        function: undefined,
        text: `The message says "${claim[0].replace(/\s+/g, ' ')}". By how much, and where was it measured?`,
        evidence: [inSource('no number with a unit and no link stands in the series')],
        modes: [],
        about: 'figure',
      });
      break;
    }
    return findings;
  },
};
