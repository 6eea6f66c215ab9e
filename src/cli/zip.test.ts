import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from './run.ts';
import { fakeSurroundings } from './surroundings.testdata.ts';
import { zip, type Member } from './zip.testdata.ts';

const TRACE = new Uint8Array(readFileSync(new URL('../../cases/perfetto/x86-kmem.pftrace', import.meta.url)));
const TEXT = new Uint8Array(readFileSync(new URL('../../cases/ftrace-text/x86-no-stacks.trace', import.meta.url)));
const NOTE = { name: 'README.txt', data: Buffer.from('no trace\n') };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagscope-zip-'));
});

function archive(name: string, ...members: readonly Member[]): string {
  const path = join(folder, name);
  writeFileSync(path, zip(members));
  return path;
}

/** What `tagscope info --json` says of a path, or the error. */
async function info(
  path: string,
  stdin?: Buffer,
): Promise<{ json: { [key: string]: never }; error: string; code: number }> {
  const { surroundings, printed } = fakeSurroundings();
  const input = stdin === undefined ? surroundings.stdin : fakeStdin(stdin);
  const code = await run(['info', path, '--json', '-q'], { ...surroundings, stdin: input });
  return {
    json: code === 0 ? JSON.parse(printed.stdout).infos[0] : {},
    error: printed.stderr.replace(/\s+/g, ' '),
    code,
  };
}

const fakeStdin = (data: Buffer): Readable => Readable.from([data]);

describe('a zip archive', () => {
  test('with one trace is that trace, deflated or stored', async () => {
    for (const stored of [false, true]) {
      const path = archive(`one-${stored}.zip`, NOTE, { name: 'FS/data/trace.pftrace', data: TRACE, stored });
      const { json } = await info(path);
      expect(json).toMatchObject({
        source: { files: [`${path}/FS/data/trace.pftrace`], format: 'Perfetto (zip)', bytes: TRACE.length },
      });
    }
  });

  test('may come from the standard input, and its member be compressed', async () => {
    const data = zip([NOTE, { name: 'a.trace.gz', data: gzipSync(TEXT) }]);
    const { json } = await info('-', data);
    expect(json).toMatchObject({ source: { format: 'ftrace text (gzip, zip)', bytes: TEXT.length } });
  });

  test('with several traces says which, and each can be named', async () => {
    const path = archive('two.zip', { name: 'a.pftrace', data: TRACE }, NOTE, { name: 'b.txt', data: TEXT });
    expect((await info(path)).error).toContain('a zip archive with 2 traces: "a.pftrace", "b.txt"; expected one.');
    expect((await info(`${path}/b.txt`)).json).toMatchObject({ source: { format: 'ftrace text (zip)' } });
    expect((await info(`${path}/c.txt`)).error).toContain(
      'no file "c.txt" in the archive; expected one of its files: "a',
    );
    expect((await info(`${path}/README.txt`)).error).toContain('something that is not a trace');
  });

  test('without a trace, without files, damaged, or none at all', async () => {
    expect((await info(archive('none.zip', NOTE))).error).toContain('without a trace: "README.txt"');
    expect((await info(archive('empty.zip'))).error).toContain('a zip archive without files');
    const data = zip([{ name: 'a.pftrace', data: TRACE }]);
    const damaged = join(folder, 'damaged.zip');
    writeFileSync(damaged, data.subarray(0, -30));
    expect(await info(damaged)).toMatchObject({ code: 3, error: expect.stringContaining('damaged.zip: found "') });
    data[9000] ^= 0xff;
    writeFileSync(damaged, data);
    expect(await info(damaged)).toMatchObject({
      code: 3,
      error: expect.stringContaining('damaged.zip/a.pftrace: found'),
    });
    const plain = join(folder, 'plain.trace');
    writeFileSync(plain, TEXT);
    expect((await info(`${plain}/a`)).error).toContain('a file that is no zip archive');
  });

  test('whose data have another checksum', async () => {
    const data = zip([{ name: 'a.pftrace', data: TRACE, stored: true }]);
    data[9000] ^= 0xff;
    const path = join(folder, 'checksum.zip');
    writeFileSync(path, data);
    expect((await info(`${path}/a.pftrace`)).error).toContain('data whose checksum does not match');
  });
});
