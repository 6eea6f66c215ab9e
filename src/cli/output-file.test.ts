import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimOutput } from './output-file.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-output-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const claim = (name: string, force = false, read: readonly string[] = []) =>
  claimOutput(`-o ${at(name)}`, at(name), force, read);

describe('a file is written whole or not at all', () => {
  test('the file has its name when it is whole, and nothing else is left', async () => {
    await claim('new').write('all of it');
    expect(readdirSync(folder)).toEqual(['new']);
    expect(readFileSync(at('new'), 'utf8')).toBe('all of it');
  });

  test('while it is written it has another name, and what was there before is there still', async () => {
    writeFileSync(at('old'), 'before');
    await claim('old', true).fill((partial) => {
      writeFileSync(partial, 'after');
      expect(readFileSync(at('old'), 'utf8')).toBe('before');
    });
    expect(readFileSync(at('old'), 'utf8')).toBe('after');
    expect(readdirSync(folder)).toEqual(['old']);
  });

  test('what fails half-way leaves what was there before, and no part of the new', async () => {
    writeFileSync(at('old'), 'before');
    const full = Object.assign(new Error('write'), { code: 'ENOSPC', syscall: 'write' });
    const writing = claim('old', true).fill((partial) => {
      writeFileSync(partial, 'aft');
      throw full;
    });
    await expect(writing).rejects.toThrow(`-o ${at('old')}: no space left on the device`);
    expect(readdirSync(folder)).toEqual(['old']);
    expect(readFileSync(at('old'), 'utf8')).toBe('before');
  });

  test('a file that came to be meanwhile is not written over', async () => {
    const file = claim('new');
    writeFileSync(at('new'), 'of somebody else');
    await expect(file.write('mine')).rejects.toThrow('the file exists');
    expect(readFileSync(at('new'), 'utf8')).toBe('of somebody else');
    expect(readdirSync(folder)).toEqual(['new']);
  });

  test('it keeps its permissions, and a link to it stays a link', async () => {
    writeFileSync(at('old'), 'before');
    chmodSync(at('old'), 0o640);
    symlinkSync(at('old'), at('link'));
    await claim('link', true).write('after');
    expect(readFileSync(at('old'), 'utf8')).toBe('after');
    expect(statSync(at('old')).mode & 0o777).toBe(0o640);
    expect(readlinkSync(at('link'))).toBe(at('old'));
  });
});

describe('what cannot be written is said before the work is done, and speaks of the output', () => {
  test.each([
    ['no directory', 'missing/new', /-o .*missing\/new: its directory does not exist/],
    ['a directory', '.', /-o .*: a directory/],
    ['a file as a directory', 'old/new', /-o .*old\/new: a part of the path is not a directory/],
    ['a link to nowhere', 'dangling', /-o .*dangling: a symbolic link that leads nowhere/],
  ])('%s', (_, name, message) => {
    writeFileSync(at('old'), 'before');
    symlinkSync(at('nowhere'), at('dangling'));
    expect(() => claim(name, true)).toThrow(message);
  });

  test('a device that is full', async () => {
    const file = claimOutput('-o /dev/full', '/dev/full', false, []);
    await expect(file.write('more than fits')).rejects.toThrow('-o /dev/full: no space left on the device');
  });
});

test('a member of an archive is read from the archive', () => {
  writeFileSync(at('archive.zip'), 'PK');
  expect(() => claim('archive.zip', true, [join(at('archive.zip'), 'member')])).toThrow('is read');
});
