/**
 * Input that cannot be used. The message is neutral and whole: where, what was found, what was expected; `advice` says
 * what to do. Front ends show both and no stack trace.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly where: string;
  readonly found: string;
  readonly expected: string;
  readonly advice: string;

  constructor(fields: {
    readonly where: string;
    readonly found: string;
    readonly expected: string;
    readonly advice: string;
  }) {
    super(`${fields.where}: found ${fields.found}; expected ${fields.expected}.`);
    this.where = fields.where;
    this.found = fields.found;
    this.expected = fields.expected;
    this.advice = fields.advice;
  }
}

/** A command line, a policy or a parameter that does not make sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** Shows untrusted text in a message: one line, printable, bounded. */
export function quoted(text: string, limit = 80): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > limit ? `"${printable.slice(0, limit)}…"` : `"${printable}"`;
}
