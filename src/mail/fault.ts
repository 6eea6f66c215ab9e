/** What went wrong while a mail was read; the mail is there all the same. */
export interface MailFault {
  readonly kind: 'unknown-charset' | 'encoding-lost' | 'over-limit';
  readonly found: string;
  readonly expected: string;
}
