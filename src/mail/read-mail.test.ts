import { describe, expect, it } from 'vitest';
import type { Mail } from './mail.ts';
import { readMail } from './read-mail.ts';
import { textBytes } from './text-bytes.ts';

/** Reads a mail given by its bytes, one a character. */
const read = (text: string): Promise<Mail> => readMail({ bytes: textBytes(text), line: 1 }, 'a.eml');
const bodyOf = async (text: string): Promise<string> => (await read(text)).readings[0].join('\n');

describe('the header of a mail', () => {
  it('is unfolded and decoded', async () => {
    const mail = await read(
      'Subject: =?iso-8859-1?q?caf=E9?=\n =?iso-8859-1?q?_au_lait?=\nfrom: "Ann A." <ann@example.org>\nDate: Thu, 19 Mar 2026 12:49:43 +0100\nMessage-ID: <a@b>\nIn-Reply-To: <p@b>\nReferences: <r@b>\n <p@b>\n\nbody\n',
    );
    expect(mail).toMatchObject({
      subject: 'café au lait',
      from: { name: 'Ann A.', address: 'ann@example.org' },
      date: '2026-03-19T11:49:43.000Z',
      messageId: 'a@b',
      answers: ['p@b', 'r@b'],
    });
  });

  it('is not made of the text of a bare patch', async () => {
    expect(await bodyOf('diff --git a/a b/a\n\nIndex: 1\n')).toBe('diff --git a/a b/a\n\nIndex: 1');
    expect(await bodyOf('note: this\n\nis text\n')).toBe('note: this\n\nis text');
  });

  it('is cut where a field is too long, which is said', async () => {
    const mail = await read(`Subject: ${'x'.repeat(100_000)}\nFrom: a@b\n\nbody\n`);
    expect(mail.subject.length).toBeLessThan(4100);
    expect(mail.from.address).toBe('a@b');
    expect(mail.faults).toMatchObject([{ kind: 'over-limit' }]);
  });
});

describe('the charset of a text', () => {
  const plain = (charset: string, body: string): string =>
    `Subject: a\nContent-Type: text/plain; charset=${charset}\n\n${body}\n`;

  it.each([
    ['utf-8', 'caf\xc3\xa9', 'café', []],
    ['us-ascii', 'caf\xc3\xa9', 'café', []],
    // 0x80 and 0x93 are control characters in ISO-8859-1; all who read mail take it for windows-1252.
    ['windows-1252', '\x93caf\xe9\x94 \x80', '“café” €', []],
    ['iso-8859-1', '\x93caf\xe9\x94', '“café”', []],
    ['koi8-r', '\xc1\xc2', 'аб', []],
    ['utf-8', 'caf\xe9', 'café', ['unknown-charset']],
    ['no-such-charset', 'caf\xc3\xa9', 'café', ['unknown-charset']],
    ['no-such-charset', 'caf\xe9', 'café', ['unknown-charset']],
    ['utf-8', 'caf\xef\xbf\xbd', 'caf\ufffd', ['encoding-lost']],
  ])('%s of %j', async (charset, bytes, text, kinds) => {
    const mail = await read(plain(charset, bytes));
    expect(mail.readings[0]).toEqual([text]);
    expect(mail.faults.map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('the parts of a mail', () => {
  const mixed = (body: string): string => `Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n${body}`;

  it('are read in order; other forms of a part, images and signatures are not', async () => {
    const body = await bodyOf(
      mixed(
        'preamble\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\ntext\n--c\nContent-Type: text/html\n\n<script>alert(1)</script>\n--c--\n--b\nContent-Type: image/png\n\nPNG\n--b\nContent-Type: text/x-diff\n\ndiff\n--b\nContent-Type: application/octet-stream; name=a.patch\n\npatch\n--b\nContent-Type: application/pgp-signature\n\nsig\n--b--\nepilogue\n',
      ),
    );
    expect(body).toBe('text\ndiff\npatch');
  });

  it('end with the mail if their boundary is missing', async () => {
    expect(await bodyOf(mixed('--b\n\nwhole\n'))).toBe('whole');
  });

  it('are not told apart by what only begins like a boundary', async () => {
    expect(await bodyOf(mixed('--b\n\none\n--bc\n---\n--b x\ntwo\n--b--  \n'))).toBe('one\n--bc\n---\n--b x\ntwo');
  });

  it('are left out where they are nested too deep or too many, which is said', async () => {
    const deep = Array.from(
      { length: 30 },
      (_, at) => `Content-Type: multipart/mixed; boundary=n${at}\n\n--n${at}\n`,
    ).join('');
    const many = mixed('--b\n\nx\n'.repeat(1000));
    expect((await read(`Subject: a\n${deep}\nend\n`)).faults).toMatchObject([
      { kind: 'over-limit', found: 'parts nested deeper than 20' },
    ]);
    expect((await read(many)).faults).toMatchObject([{ kind: 'over-limit', found: 'more than 200 parts' }]);
  });
});

describe('transfer encodings', () => {
  const encoded = (encoding: string, body: string): string =>
    `Subject: a\nContent-Transfer-Encoding: ${encoding}\n\n${body}`;

  it('keep a carriage return that is part of the file, where the one of the mail is not', async () => {
    expect(await bodyOf(encoded('quoted-printable', 'a=0D\nb\n'))).toBe('a\r\nb');
    expect(await bodyOf(encoded('quoted-printable', 'a=0D\nb\n').replaceAll('\n', '\r\n'))).toBe('a\r\nb');
    expect(await bodyOf(encoded('base64', 'YQ0KYg==\n'))).toBe('a\r\nb');
    expect(await bodyOf('Subject: a\r\n\r\na\r\nb\r\n')).toBe('a\nb');
    expect(await bodyOf('Subject: a\n\na\r\nb\n')).toBe('a\r\nb');
  });

  it('keep spaces at the ends of lines that quoted-printable protects', async () => {
    expect(await bodyOf(encoded('quoted-printable', 'a=20\n=\nb=3D=\nc\n'))).toBe('a \nb=c');
  });
});
