import { expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { describeError } from './errors.ts';

const describe = (error: unknown) => describeError(error, ['report', 'my trace'], '1.2.3');
const systemError = (code: string, path?: string): Error =>
  Object.assign(new Error(code), { code, syscall: 'open', ...(path === undefined ? {} : { path }) });

test('a fault asks to be reported, with version and command line', () => {
  const { code, text } = describe(new TypeError('x is not a function'));
  expect(code).toBe(4);
  expect(text).toContain('TypeError: x is not a function. This is a fault of tagscope');
  expect(text).toContain('1.2.3');
  expect(text).toContain("tagscope report 'my trace'");
});

test('a reader that went away is no error', () => {
  expect(describe(systemError('EPIPE'))).toEqual({ code: 0, text: '' });
});

test('system errors name the file', () => {
  expect(describe(systemError('EACCES', '/sys/x'))).toMatchObject({
    code: 3,
    text: expect.stringContaining('/sys/x: no permission.'),
  });
  expect(describe(systemError('ENOSPC')).text).toContain('TMPDIR');
});

test('what the system says of an input is never a fault of the program, whatever it is', () => {
  expect(describe(systemError('ENXIO', 'x.sock'))).toMatchObject({
    code: 3,
    text: expect.stringContaining('x.sock: a socket, or a device that is not there.'),
  });
  const error = Object.assign(new Error("ESTALE: stale file handle, open '/mnt/trace'"), {
    code: 'ESTALE',
    syscall: 'open',
    path: '/mnt/trace',
  });
  expect(describe(error)).toMatchObject({
    code: 3,
    text: expect.stringContaining('tagscope: /mnt/trace: stale file handle (ESTALE). Copy the file elsewhere'),
  });
  expect(describe(Object.assign(error, { syscall: 'listen' })).code).toBe(4);
});

test('names from outside cannot send escape sequences', () => {
  const error = new InputError({ where: 'a\x1b[2J', found: 'b', expected: 'c', advice: 'd' });
  expect(describe(error).text).toBe('tagscope: a?[2J: found b; expected c. d');
});
