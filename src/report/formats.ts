/** A form that results are written in. */
export interface Format {
  /** What `--format` calls it. */
  readonly name: string;
  /** Endings of file names that mean it; the first one is the usual one. A further `.gz` means gzip. */
  readonly endings: readonly [string, ...string[]];
  /** What it is, in a few words. */
  readonly about: string;
  /** Not for a terminal. */
  readonly binary?: true;
  /** Always compressed with gzip, as its definition asks for. */
  readonly gzip?: true;
  /** Its subject is stacks: results are grouped by stack unless something else is asked for. */
  readonly stacks?: true;
  /** Nothing but figures: what must be known of them is said on the standard error. */
  readonly wordless?: true;
  /** The results of one command alone have it. */
  readonly only?: 'check' | 'review';
}

/**
 * All forms of output. Which of them a result can be written in is said by its writers (`Writers`); a new form is a row
 * here and a writer there.
 */
export const FORMATS = [
  { name: 'text', endings: ['.txt', '.text', '.log'], about: 'text for a terminal or a mail' },
  { name: 'markdown', endings: ['.md', '.markdown'], about: 'Markdown in 72 columns of ASCII, for a cover letter' },
  { name: 'html', endings: ['.html', '.htm'], about: 'one page that needs nothing else', stacks: true },
  { name: 'svg', endings: ['.svg'], about: 'bars by class and a flame graph', stacks: true },
  { name: 'csv', endings: ['.csv'], about: 'one table (RFC 4180); its rows are what --by says' },
  { name: 'json', endings: ['.json'], about: 'the whole result; see docs/json.md' },
  {
    name: 'collapsed',
    endings: ['.folded', '.collapsed'],
    about: 'a line for each stack; losses on stderr',
    stacks: true,
    wordless: true,
  },
  { name: 'speedscope', endings: ['.speedscope.json', '.speedscope'], about: 'for speedscope', stacks: true },
  {
    name: 'firefox',
    endings: ['.profile.json', '.firefox.json'],
    about: 'for the Firefox Profiler',
    stacks: true,
  },
  { name: 'github', endings: ['.github'], about: 'annotations of a GitHub Actions run', only: 'check' },
  {
    name: 'mail',
    endings: ['.mbox', '.eml'],
    about: 'a reply for each patch, for git send-email; never sent',
    only: 'review',
  },
  { name: 'facts', endings: ['.facts.md'], about: 'facts for other reviewers, human or machine', only: 'review' },
  { name: 'b4', endings: ['.b4.json'], about: 'the result of a check for b4', only: 'review' },
  { name: 'pprof', endings: ['.pb', '.pprof'], about: 'for pprof', binary: true, gzip: true, stacks: true },
] as const satisfies readonly Format[];

export type FormatName = (typeof FORMATS)[number]['name'];

/** The description of a form by its name. */
export const formatOf = (name: FormatName): Format => FORMATS.find((format) => format.name === name) ?? FORMATS[0];

/** What the name of a file says of its content. */
export interface NamedFormat {
  /** Undefined where the ending is none that is known. */
  readonly format: FormatName | undefined;
  readonly gzip: boolean;
}

/**
 * The form that a file's name asks for, by the longest ending that is known: `a.speedscope.json` is for speedscope, and
 * `a.json` is JSON. A name without any ending asks for text.
 */
export function formatOfFile(path: string): NamedFormat {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const gzip = name.endsWith('.gz');
  const plain = gzip ? name.slice(0, -'.gz'.length) : name;
  const known = FORMATS.flatMap((format) => format.endings.map((ending) => ({ name: format.name, ending })))
    .filter(({ ending }) => plain.endsWith(ending))
    .toSorted((a, b) => b.ending.length - a.ending.length);
  if (known.length > 0) return { format: known[0].name, gzip };
  return { format: plain.includes('.', 1) ? undefined : 'text', gzip };
}
