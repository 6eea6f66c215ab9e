import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findField, parseEventFormat } from './event-format.ts';
import { formatIn, formatText } from './formats.testdata.ts';

const ARM64 = readFileSync(new URL('../../../cases/tracepoint/arm64-7.3.formats', import.meta.url), 'utf8');

test('kmem_cache_alloc of 7.3 on arm64: offsets, sizes, and a name that is elsewhere', () => {
  const format = formatIn(ARM64, 'kmem_cache_alloc');
  expect(format.fields.map(({ name }) => name)).toEqual([
    'common_type',
    'common_flags',
    'common_preempt_count',
    'common_pid',
    'call_site',
    'ptr',
    'name',
    'bytes_req',
    'bytes_alloc',
    'gfp_flags',
    'node',
    'accounted',
  ]);
  expect(findField(format, 'common_pid')).toEqual({
    name: 'common_pid',
    offset: 4,
    size: 4,
    signed: true,
    place: 'here',
  });
  expect(findField(format, 'name')).toMatchObject({ size: 4, place: 'data-loc' });
  expect(format.printFormat).toMatch(/^"call_site=%pS ptr=%p name=%s/);
});

test('arrays, and strings whose place counts from the field (__rel_loc, 5.17)', () => {
  const format = parseEventFormat(
    formatText('x', 7, [
      ['char comm[16]', 8, 16],
      ['__rel_loc char[] name', 24, 4],
      ['unsigned long caller[8]', 32, 64],
    ]),
  );
  expect(format?.id).toBe(7);
  expect(format?.fields.slice(4)).toEqual([
    { name: 'comm', offset: 8, size: 16, signed: false, place: 'here' },
    { name: 'name', offset: 24, size: 4, signed: false, place: 'rel-loc' },
    { name: 'caller', offset: 32, size: 64, signed: false, place: 'here' },
  ]);
});

test('text that is no format, and fields beyond any record, are left out', () => {
  expect(parseEventFormat('')).toBeUndefined();
  expect(parseEventFormat('name: x\nformat:\n')).toBeUndefined();
  expect(parseEventFormat('name: x\nID: 70000\n')).toBeUndefined();
  expect(parseEventFormat(formatText('x', 7, [['int far', 999_999_999, 4]]))?.fields).toHaveLength(4);
});
