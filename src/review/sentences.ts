/** Quoted text, code and diffs are not the author's sentences. */
const isQuoted = (line: string): boolean => /^\s*[>|]/.test(line);

/** At most so much of a paragraph is looked at: nobody writes longer ones. */
const MAX_PARAGRAPH = 4000;

/**
 * The paragraphs of a text without quotes, each as one line. An indented line begins a paragraph of its own, so that tables
 * keep their rows together with what stands above them only where they are not indented.
 */
export function paragraphsOf(text: string): readonly string[] {
  const paragraphs: string[] = [];
  let open: string[] = [];
  const close = (): void => {
    const joined = open.join(' ').replace(/\s+/g, ' ').trim().slice(0, MAX_PARAGRAPH);
    if (joined !== '') paragraphs.push(joined);
    open = [];
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '' || isQuoted(line)) close();
    else open.push(line);
  }
  close();
  return paragraphs;
}

/** Cuts a paragraph into sentences. A full stop inside a number, a name of a file or an abbreviation ends none. */
export function sentencesOf(paragraph: string): readonly string[] {
  const sentences: string[] = [];
  let start = 0;
  for (let at = 0; at < paragraph.length; at++) {
    const char = paragraph.charAt(at);
    const ends =
      (char === '.' || char === '!' || char === '?' || char === ';') && /\s|$/.test(paragraph.charAt(at + 1));
    if (!ends || /\b(?:e\.g|i\.e|vs|cf|etc|approx)\.$/i.test(paragraph.slice(Math.max(0, at - 8), at + 1))) continue;
    sentences.push(paragraph.slice(start, at + 1).trim());
    start = at + 1;
  }
  const rest = paragraph.slice(start).trim();
  return rest === '' ? sentences : [...sentences, rest];
}
