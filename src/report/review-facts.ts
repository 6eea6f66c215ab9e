import { realReportsText } from '../review/real-reports.ts';
import type { ReviewResult } from '../review/result.ts';
import { kernelFacts } from './facts-guide.ts';
import { predictionText, placeOf } from './review-text.ts';

const MAX_LINES = 100;

/** Whether the diffs of a series name something, in what they change or show around it. */
function namedIn({ series }: ReviewResult): (name: string) => boolean {
  const lines = series.patches.flatMap(({ diffs }) =>
    diffs.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines.map(({ text }) => text))),
  );
  return (name) => lines.some((text) => text.includes(name));
}

/**
 * What is known of a series, for other reviewers, human or machine: facts with their sources and commands, no opinion. Markdown
 * of at most 100 lines with the same as JSON at its end.
 */
export function renderReviewFacts(result: ReviewResult): string {
  const { series, policy, predictions, questions, claims, audit, reports, history, kernel } = result;
  const lines = [
    `# Facts on "${series.title}", version ${series.version}`,
    '',
    `Made by \`${result.provenance.command}\` (tagscope ${result.provenance.tagscope}); the kernel is taken to be ${kernel.base} (${kernel.baseFrom}), other source from ${kernel.facts}.`,
    '',
    ...(policy === null
      ? ['No line that the series changes is about memory tagging.']
      : [
          ...kernelFacts(namedIn(result)),
          `- The series amounts to the policy ${policy.name} over ${policy.base}.`,
          ...policy.notUnderstood.map((text) => `- Not understood: ${text}.`),
          ...predictions.map((prediction) => `- ${predictionText(prediction)} \`${prediction.command}\``),
          ...(audit === null
            ? []
            : [
                `- Of ${audit.kinds} kinds of bugs ${audit.lost.length} are detected less often. \`${audit.auditCommand}\``,
                ...audit.lost
                  .slice(0, 5)
                  .map(
                    ({ class: name, bug, before, after }) => `  - ${name}, ${bug}: ${before} before, ${after} after`,
                  ),
              ]),
          ...(reports === null ? [] : [`- ${realReportsText(reports)} \`${reports.command}\``]),
          ...claims.map(({ text, verdict, is }) => `- "${text}": ${verdict}. ${is}`),
          ...questions.map(
            (question) =>
              `- ${placeOf(question)} (${question.rule}): ${question.evidence.map(({ text }) => text).join('; ')}`,
          ),
          ...history.flatMap(({ version, settled }) =>
            settled.map((id) => `- Settled since version ${version}: ${id}`),
          ),
        ]),
  ];
  const shown =
    lines.length > MAX_LINES - 6
      ? [...lines.slice(0, MAX_LINES - 7), `- … ${lines.length - MAX_LINES + 7} more`]
      : lines;
  const data = {
    schema: 'tagscope.review-facts',
    version: 1,
    policy: policy?.name ?? null,
    questions: questions.map(({ id, rule, file, line }) => ({ id, rule, file, line })),
    claims: claims.map(({ kind, verdict }) => ({ kind, verdict })),
  };
  return `${[...shown, '', '```json', JSON.stringify(data), '```'].join('\n')}\n`;
}
