import { mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileSource } from './file-source.ts';

test('a file that becomes shorter while it is read is told of, with the place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-file-source-'));
  const path = join(folder, 'trace.dat');
  writeFileSync(path, 'abcdefgh');
  const source = new FileSource(openSync(path, 'r'), 8, 'trace.dat');
  try {
    expect(Buffer.from(source.read(2, 3)).toString()).toBe('cde');
    truncateSync(path, 4);
    expect(() => source.read(2, 5)).toThrow('trace.dat, byte 4: found the end of the file; expected 3 more bytes');
  } finally {
    source.close();
    rmSync(folder, { recursive: true });
  }
});
