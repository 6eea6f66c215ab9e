// The mails of one series as archives, list software and mail programs deliver them. Their forms are those of the programs'
// documentation and of mails in public archives; addresses and keys are made up.

/** Bytes as `quoted-printable` has them (RFC 2045, 6.7). */
const quotedPrintable = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      (byte < 32 && byte !== 10 && byte !== 9) || byte > 126 || byte === 61
        ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
    .replace(/[ \t]$/gm, (space) => (space === ' ' ? '=20' : '=09'))
    .replace(/^.{74,}$/gm, (line) => (line.match(/(?:=[0-9A-F]{2}|[^=]){1,70}/g) ?? []).join('=\n'));

const base64 = (text: string): string =>
  (
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\n');

interface Parts {
  readonly head: string;
  readonly body: string;
  readonly index: number;
}

const FROM_LINE = /^From [0-9a-f]{40} Mon Sep 17 00:00:00 2001\n/;
const CONTENT = /^(?:MIME-Version|Content-[\w-]+): .*\n/gm;

function partsOf(mail: string, index: number): Parts {
  const text = mail.replace(FROM_LINE, '');
  const at = text.indexOf('\n\n');
  return { head: text.slice(0, at + 1).replace(CONTENT, ''), body: text.slice(at + 2), index };
}

const TEXT = 'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n';
const encodedAs = (encoding: string): string => `${TEXT}Content-Transfer-Encoding: ${encoding}\n`;
const stuffed = (text: string): string => text.replace(/^(?: |>|From )/gm, ' $&');

const LORE = 'From mboxrd@z Thu Jan  1 00:00:00 1970\n';
const RECEIVED = `Return-Path: <owner-linux-mm@kvack.example>
X-Spam-Checker-Version: SpamAssassin 3.4.0 (2014-02-07) on
\tbackend.example
Received: from kanga.example (kanga.example [192.0.2.17])
\tby smtp.archive.example (Postfix) with ESMTP id 1C00
\tfor <linux-mm@archiver.example>; Thu, 19 Mar 2026 11:50:17 +0000 (UTC)
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
        d=example.org; s=20230601; t=1748780000;
        h=cc:to:message-id:mime-version:subject:date:from;
        bh=YWJj=; b=ZGVm
List-Id: <linux-mm.kvack.example>
`;

type Delivery = (parts: Parts) => string;

/** How mails are delivered, each by the name of who does it. */
export const DELIVERIES: Readonly<Record<string, Delivery>> = {
  'a thread of lore': ({ head, body }) =>
    `${LORE}${RECEIVED}${head}${encodedAs('8bit')}\n${body.replace(/^(?=>*From )/gm, '>')}\n`,
  'b4 am': ({ head, body }) =>
    `From git@z Thu Jan  1 00:00:00 1970\n${head}${encodedAs('8bit')}\n${body.replace('Signed-off-by: Ann', 'Reviewed-by: Rob Reviewer <rob@example.org>\nSigned-off-by: Ann')}\n`,
  'b4 send': ({ head, body }) =>
    `${LORE}${head}X-Mailer: b4 0.14.2\nX-Developer-Signature: v=1; a=openpgp-sha256; l=10; i=ann@example.org;\n h=from:subject:message-id; bh=YWJj=;\n b=owEB\nX-B4-Tracking: v=1; b=H4sIAAAA\n${encodedAs('7bit')}\n${body.replace(/^-- \n/m, '---\nbase-commit: 0123456789012345678901234567890123456789\nchange-id: 20260319-tags-0123456789ab\n\nBest regards,\n-- \n')}\n`,
  // It decodes bodies, and leaves the sender's own header fields below those of its own.
  'the mailbox of a patchwork series': ({ head, body, index }) =>
    `From patchwork Thu Mar 19 11:49:4${index} 2026\n${encodedAs('7bit')}X-Patchwork-Submitter: Ann Author <ann@example.org>\nX-Patchwork-Id: 1398474${index}\nX-Patchwork-Delegate: mm@example.org\n${RECEIVED}Content-Transfer-Encoding: quoted-printable\n${head}\n${body}\n`,
  Patchew: ({ head, body, index }) =>
    `From nobody Thu Mar 19 11:49:4${index} 2026\nDelivered-To: importer@patchew.example\nAuthentication-Results: mx.example;\n\tspf=pass (domain of kvack.example designates 192.0.2.4 as permitted sender)\nARC-Seal: i=1; a=rsa-sha256; t=1748772000; cv=none;\n\td=example; s=arc;\n\tb=YWJj=\n${head}${encodedAs('quoted-printable')}\n${quotedPrintable(body)}\n`,
  'Exchange, base64 and CR LF': ({ head, body }) =>
    `From x@y Thu Mar 19 11:49:43 2026\n${head}X-MS-Exchange-Organization-SCL: -1\n${encodedAs('base64')}\n${base64(body)}\n`.replaceAll(
      '\n',
      '\r\n',
    ),
  'Exchange, CR LF in base64': ({ head, body }) =>
    `From x@y Thu Mar 19 11:49:43 2026\n${head}${encodedAs('base64')}\n${base64(body.replaceAll('\n', '\r\n'))}\n`,
  'ProtonMail, signed and quoted-printable': ({ head, body }) =>
    `From x@y Thu Mar 19 11:49:43 2026\n${head}MIME-Version: 1.0\nContent-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha512; boundary="------a1"; charset=utf-8\n\nThis is an OpenPGP/MIME signed message (RFC 4880 and 3156)\n--------a1\nContent-Type: multipart/mixed;\n boundary="b2"\n\n--b2\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\n${quotedPrintable(body)}\n--b2--\n\n--------a1\nContent-Type: application/pgp-signature; name="signature.asc"\nContent-Disposition: attachment; filename="signature.asc"\n\n-----BEGIN PGP SIGNATURE-----\n\nYWJj\n-----END PGP SIGNATURE-----\n\n--------a1--\n\n`,
  'Gmail in a browser, with HTML beside the text': ({ head, body }) =>
    `From 177 Thu Mar 19 11:49:43 2026\n${head}MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="000000a1"\n\n--000000a1\nContent-Type: text/plain; charset="UTF-8"\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(body)}\n\n--000000a1\nContent-Type: text/html; charset="UTF-8"\n\n<div dir="ltr">${body.replaceAll('<', '&lt;').replaceAll('\n', '<br>\n')}</div>\n--000000a1--\n\n`,
  'Thunderbird, format=flowed': ({ head, body }) =>
    `From x@y Thu Mar 19 11:49:43 2026\n${head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8; format=flowed\nContent-Transfer-Encoding: 8bit\nUser-Agent: Mozilla Thunderbird\n\n${stuffed(body)}\n`,
  'mailman, with a prefix, a banner and a footer': ({ head, body }) =>
    `From ann@example.org Thu Mar 19 11:49:43 2026\n${head.replace('Subject: [', 'Subject: [External] [linux-mm] [')}${encodedAs('8bit')}\n${body}\n_______________________________________________\nlinux-arm-kernel mailing list\nlinux-arm-kernel@lists.example\nhttp://lists.example/mailman/listinfo/linux-arm-kernel\n\n`,
  'a list that sends in its own name': ({ head, body, index }) =>
    `${LORE}${head.replace(/^From: .*/m, 'From: Ann Author via linux-mm <linux-mm@kvack.example>\nReply-To: ann@example.org')}${encodedAs('8bit')}\n${index === 0 ? '' : 'From: Ann Author <ann@example.org>\n\n'}${body}\n`,
  'mutt, as an attachment': ({ head, body, index }) =>
    index === 0
      ? `${LORE}${head}${encodedAs('8bit')}\n${body}\n`
      : `${LORE}${head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="X1"\nContent-Disposition: inline\n\n--X1\nContent-Type: text/x-diff; charset=utf-8\nContent-Disposition: attachment; filename="0001-x.patch"\n\n${body}\n--X1--\n\n`,
};

/** The mails of a series, delivered. */
export const delivered = (mails: readonly string[], deliver: Delivery): string =>
  mails.map((mail, index) => deliver(partsOf(mail, index))).join('');
