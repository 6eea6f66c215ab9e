import type { MailFault } from './fault.ts';

/** Who wrote a mail. Either part may be empty. */
export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** A mail, decoded. Nothing that it says of itself can be relied on. */
export interface Mail {
  /** Without angle brackets; undefined where there is none. */
  readonly messageId: string | undefined;
  /** The mails that it answers, the nearest one first. */
  readonly answers: readonly string[];
  readonly from: MailAddress;
  /** In UTC, as ISO 8601; undefined where the mail has none that can be read. */
  readonly date: string | undefined;
  readonly subject: string;
  /** The input that the mail was read from, and the line, from 1, that it begins at. */
  readonly source: string;
  readonly line: number;
  /**
   * What the mail may say, most likely first: there are several where `format=flowed` leaves open which spaces and line
   * feeds are part of the text. Attached patches come behind the text. Never empty.
   */
  readonly readings: readonly (readonly string[])[];
  readonly faults: readonly MailFault[];
}
