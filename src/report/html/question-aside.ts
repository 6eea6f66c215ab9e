import type { Question } from '../../review/question.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { placeOf } from '../review-text.ts';

/** The name that links to a question have. Ids have names of strangers in them, of which letters and figures stay. */
export const questionId = ({ id }: Question): string =>
  `q-${[...id].map((char) => (/[\w-]/.test(char) ? char : `.${char.codePointAt(0)?.toString(16) ?? ''}`)).join('')}`;

/** A question with what shows that it is to the point. */
export const questionAside = (question: Question): Markup =>
  markup`<div class="question" id="${questionId(question)}" role="note" aria-label="Question: ${question.rule}">
<p class="faint">${question.rule} · ${question.follows} · ${placeOf(question)}${question.modes.length === 0 ? '' : ` · ${question.modes.join(', ')}`}</p>
<p>${question.text}</p>
<ul class="plain">${question.evidence.map(({ text, reproduce }) => markup`<li>${text}${reproduce === null ? NOTHING : markup` <code>${reproduce}</code>`}</li>`)}</ul>
</div>
`;
