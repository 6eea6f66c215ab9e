import type { MailFault } from './fault.ts';

/** windows-1252, 0x80 to 0x9f; five are not assigned and stay what they are. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Names that all mean windows-1252 to whoever reads mail (encoding.spec.whatwg.org), but for ASCII. */
const LATIN_1 = new Set(['windows-1252', 'cp1252', 'iso-8859-1', 'iso8859-1', 'iso_8859-1', 'latin1', 'l1']);
/** What senders call text that is ASCII or UTF-8; many say `us-ascii` and send UTF-8. */
const UTF_8 = new Set(['', 'utf-8', 'utf8', 'us-ascii', 'ascii', 'unknown-8bit', 'x-unknown', 'default']);

/** Text, and what was wrong with its bytes. */
export interface DecodedText {
  readonly text: string;
  readonly faults: readonly MailFault[];
}

const latin1 = (bytes: Uint8Array): string =>
  // Some versions of Node decode windows-1252 as ISO-8859-1, which has control characters there.
  new TextDecoder('windows-1252').decode(bytes).replace(/[\x80-\x9f]/g, (c) => WINDOWS_1252[c.charCodeAt(0) - 0x80]);

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

const REPLACEMENT = '\ufffd';
const lost = (text: string): MailFault[] =>
  text.includes(REPLACEMENT)
    ? [
        {
          kind: 'encoding-lost',
          found: 'replacement characters (U+FFFD) for characters that were lost',
          expected: 'the characters themselves',
        },
      ]
    : [];

/**
 * Decodes a part of a mail. Where its charset is not known, or the bytes are not in it, they are UTF-8 if they can be, and
 * windows-1252 if not.
 *
 * @param charset as the mail names it; undefined if it names none
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): DecodedText {
  const label = (charset ?? '').trim().toLowerCase();
  if (LATIN_1.has(label)) return { text: latin1(bytes), faults: [] };
  const decoder = UTF_8.has(label) ? undefined : decoderOf(label);
  if (decoder !== undefined) {
    const text = decoder.decode(bytes);
    return { text, faults: lost(text) };
  }
  const text = utf8(bytes);
  const unknown: MailFault[] = UTF_8.has(label)
    ? []
    : [{ kind: 'unknown-charset', found: `the charset "${label}"`, expected: 'one that is known' }];
  if (text !== undefined) return { text, faults: [...unknown, ...lost(text)] };
  return {
    text: latin1(bytes),
    faults:
      unknown.length > 0
        ? unknown
        : [
            {
              kind: 'unknown-charset',
              found: 'bytes that are not UTF-8, read as windows-1252',
              expected: `text in ${label === '' ? 'UTF-8' : label}`,
            },
          ],
  };
}
