// One patch, sent in the ways that mail is hard.
const DIFF_LINES = [
  'diff --git a/mm/a.c b/mm/a.c',
  '--- a/mm/a.c',
  '+++ b/mm/a.c',
  '@@ -1,5 +1,5 @@ int f(void)',
  ' one',
  ' ',
  '-two = three',
  '+two = "four"; /* a comment that is long enough to be broken by a program that breaks lines */',
  ' \tfive',
  ' ',
];

/** What every mail below changes in `mm/a.c`. */
export const HARD_FILES = { 'mm/a.c': 'one\n\ntwo = three\n\tfive\n\n' } as const;
export const HARD_FILES_AFTER = {
  'mm/a.c':
    'one\n\ntwo = "four"; /* a comment that is long enough to be broken by a program that breaks lines */\n\tfive\n\n',
} as const;

export const PATCH_TEXT = [
  'The message.',
  '',
  'Signed-off-by: Ann Author <ann@example.org>',
  '---',
  ' mm/a.c | 2 +-',
  ' 1 file changed, 1 insertion(+), 1 deletion(-)',
  '',
  ...DIFF_LINES,
  '-- ',
  '2.39.5',
  '',
].join('\n');

const FROM_LINE = 'From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001\n';

/** A mail of header lines and a body. */
export const mailOf = (headers: readonly string[], body: string, subject = '[PATCH] mm: change'): string =>
  [
    FROM_LINE,
    `From: Ann Author <ann@example.org>\nDate: Thu, 19 Mar 2026 11:49:43 +0000\nSubject: ${subject}\n`,
    ...headers.map((header) => `${header}\n`),
    '\n',
    body,
    '\n',
  ].join('');

/** Quoted-printable (RFC 2045, 6.7), by characters below 256. */
export const quotedPrintable = (text: string): string =>
  text
    .split('\n')
    .map((line) =>
      line
        .replace(/[^\x20-\x3c\x3e-\x7e\t]/g, (c) =>
          `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`.replace('==3D', '=3D'),
        )
        .replaceAll('=', (c, at: number, all: string) => (/^=[0-9A-F]{2}/.test(all.slice(at)) ? c : '=3D'))
        .replace(/[ \t]$/, (space) => `=${space.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
        .replace(/.{70}/g, (part) => (/=.?$/.test(part) ? part : `${part}=\n`)),
    )
    .join('\n');

export const base64 = (text: string): string =>
  (
    Buffer.from(text, 'latin1')
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\n');

/** The header of a plain text. */
export const TEXT = 'Content-Type: text/plain; charset=UTF-8';

/** A multipart of parts, each with its header. */
export const multipart = (boundary: string, parts: readonly string[]): string =>
  `text before\n--${boundary}\n${parts.join(`\n--${boundary}\n`)}\n--${boundary}--\ntext after\n`;

/** Stuffed as RFC 3676 asks for, and broken at spaces. */
const flowed = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => (line === '-- ' ? [line] : (line.match(/.{1,72} (?=\S)|.+$/g) ?? [''])))
    .map((line) => (/^(?: |>|From )/.test(line) ? ` ${line}` : line))
    .join('\n');

/** Mails that git am takes, each by the name of what is hard in it. */
export const HARD_MAILS: Readonly<Record<string, string>> = {
  'plain text': mailOf([TEXT], PATCH_TEXT),
  'quoted-printable': mailOf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], quotedPrintable(PATCH_TEXT)),
  base64: mailOf([TEXT, 'Content-Transfer-Encoding: base64'], base64(PATCH_TEXT)),
  'CR LF': mailOf([TEXT], PATCH_TEXT).replaceAll('\n', '\r\n'),
  attachment: mailOf(
    ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="=-b1"'],
    multipart('=-b1', [
      `${TEXT}\n\nThe message.\n\nSigned-off-by: Ann Author <ann@example.org>\n---\n`,
      `Content-Type: text/x-patch; name="../../etc/passwd"\nContent-Disposition: attachment; filename="../../etc/passwd"\nContent-Transfer-Encoding: base64\n\n${base64(`${DIFF_LINES.join('\n')}\n`)}`,
    ]),
  ),
  'folded encoded words': mailOf(
    [TEXT],
    PATCH_TEXT,
    '=?utf-8?q?=5BPATCH=5D_mm=3A_change?=\n =?utf-8?q?_Jos=C3?=\n =?utf-8?q?=A9?=',
  ),
  'mail footer': mailOf(
    [TEXT],
    `${PATCH_TEXT}\n_______________________________________________\nlist mailing list\n- not a line\n+ of the patch\n`,
  ),
  scissors: mailOf(
    [TEXT],
    `Hello,\n\nhow about this?\n\n-- >8 --\nSubject: mm: change\n\n${PATCH_TEXT}`,
    'Some discussion',
  ),
};

/** Mails that git am does not take, and a person reads without thinking. */
export const HARDER_MAILS: Readonly<Record<string, string>> = {
  'format=flowed, stuffed and broken': mailOf(
    ['Content-Type: text/plain; charset=UTF-8; format=flowed'],
    flowed(PATCH_TEXT),
  ),
  'format=flowed, in name only': mailOf(['Content-Type: text/plain; charset=UTF-8; format=flowed'], PATCH_TEXT),
  'blank context lines without their space': mailOf([TEXT], PATCH_TEXT.replaceAll('\n \n', '\n\n')),
  'a broken line': mailOf(
    [TEXT],
    PATCH_TEXT.replace('to be broken', 'to be\nbroken')
      .replace('to be\nbroken', 'to be broken by a\nprogram')
      .replace('a\nprogram by a program', 'a\nprogram'),
  ),
};
