import { remarks } from './remarks.ts';
import { isLeast, type CheckResult } from '../decide/check.ts';
import { checkHeadline, limitSentence, subjectText, verdictNotes } from './check-text.ts';
import { lossSentences } from './losses-text.ts';

/**
 * A result beside its budget as workflow commands, which GitHub Actions shows as annotations of a run: an error for each
 * limit that does not hold, warnings for what may not be as it seems, and a notice of the whole.
 * (docs.github.com, "Workflow commands for GitHub Actions")
 */
export function checkGithub(result: CheckResult): string {
  const { limits, losses, source, provenance } = result;
  const lost = lossSentences(losses);
  const doubtful = [
    ...remarks(result),
    ...verdictNotes(result),
    ...(lost.length === 0 ? [] : [`Not covered: ${lost.join('; ')}.`]),
  ];
  const lines = [
    ...limits
      .filter(({ holds }) => !holds)
      .map((limit) =>
        annotation(
          'error',
          `tagscope: ${subjectText(limit)} is ${isLeast(limit.operator) ? 'below its limit' : 'over budget'}`,
          `${limitSentence(limit)}.`,
        ),
      ),
    ...doubtful.map((text) => annotation('warning', `tagscope: ${source.files.join(', ')}`, text)),
    annotation('notice', `tagscope: ${source.files.join(', ')}`, `${checkHeadline(result)} ${provenance.command}`),
  ];
  return `${lines.join('\n')}\n`;
}

const annotation = (level: 'error' | 'warning' | 'notice', title: string, message: string): string =>
  `::${level} title=${property(title)}::${data(message)}`;

/** What would end a message, or begin another command. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
