import { expect, test } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import {
  bundle,
  event,
  field,
  ftraceEvents,
  message,
  newTask,
  packet,
  pageAlloc,
  processTree,
  readPackets,
  rename,
  varint,
  type Bytes,
} from './building.testdata.ts';

const namesOf = (...packets: readonly Bytes[]): string[] =>
  dumpEvents(readPackets(...packets))
    .filter(({ type }) => type === 'mm_page_alloc')
    .map(({ comm }) => comm);

test('the idle task, and a task of which nothing says what it is called', () => {
  expect(namesOf(packet(1, bundle(0, pageAlloc(1, 0, 1), pageAlloc(2, 77, 2))))).toEqual(['<idle>', '<...>']);
});

test('a new task is called as its parent is, which forks (kernel/fork.c copies the name)', () => {
  const names = namesOf(packet(1, bundle(0, pageAlloc(1, 10, 1), newTask(2, 10, 11, 'bash'), pageAlloc(3, 11, 2))));
  expect(names).toEqual(['bash', 'bash']);
});

test('a name holds from the event that gives it on, and the old one before it', () => {
  const events = [pageAlloc(1, 11, 1), rename(2, 11, 'bash', 'ls'), pageAlloc(3, 11, 2)];
  expect(namesOf(packet(1, bundle(0, ...events)))).toEqual(['bash', 'ls']);
});

test('names go by time, not by the order of bundles', () => {
  const names = namesOf(
    packet(1, bundle(0, pageAlloc(1, 11, 1), pageAlloc(15, 11, 2), pageAlloc(25, 11, 3))),
    packet(1, bundle(2, rename(20, 11, 'second', 'third'))),
    packet(1, bundle(1, rename(10, 11, 'first', 'second'))),
  );
  // What stood before the first change in the file is not known to be what stood before the first in time.
  expect(names.slice(1)).toEqual(['second', 'third']);
});

test('sched_switch names both tasks', () => {
  const switched = event(5, 7, 4, field(1, 'going'), field(2, 7), field(4, 1), field(5, 'coming'), field(6, 8));
  expect(namesOf(packet(1, bundle(0, pageAlloc(1, 7, 1), switched, pageAlloc(9, 8, 2))))).toEqual(['going', 'coming']);
});

test('events of the scheduler in columns name tasks, and are counted', () => {
  const packed = (number: number, ...values: readonly (number | bigint)[]): Bytes =>
    field(
      number,
      values.flatMap((value) => varint(value)),
    );
  const compact = field(
    4,
    message(
      field(5, 'alpha'),
      field(5, 'beta'),
      packed(1, 100, 50),
      packed(2, 0, 1),
      packed(3, 7, 8),
      packed(4, 120, 120),
      packed(6, 0, 1),
      packed(7, 120),
      packed(8, 9),
      packed(9, 0),
      packed(10, 120),
      packed(11, 1),
    ),
  );
  const table = readPackets(
    packet(1, bundle(0, compact, pageAlloc(160, 7, 1), pageAlloc(170, 8, 2), pageAlloc(180, 9, 3))),
  );
  expect(dumpEvents(table).map(({ comm }) => comm)).toEqual(['alpha', 'beta', 'beta']);
  expect(Object.fromEntries(table.byType)).toMatchObject({ sched_switch: 2, sched_waking: 1 });
});

test('columns of different length are damaged', () => {
  const compact = field(4, message(field(5, 'a'), field(1, [1, 2]), field(3, [7]), field(6, [0])));
  const table = readPackets(packet(1, ftraceEvents(field(1, 0), compact)));
  expect([table.totalEvents, table.losses.truncatedLines]).toEqual([0, 1]);
});

test('a list of processes names those that no event names: threads by name, processes by command line', () => {
  const list = processTree(
    field(1, message(field(1, 20), field(3, '/usr/lib/systemd/systemd-journald'), field(3, '--x'))),
    field(2, message(field(1, 21), field(2, 'pool-worker'), field(3, 20))),
    field(2, message(field(1, 22), field(2, 'listed'), field(3, 20))),
  );
  const events = [pageAlloc(1, 20, 1), pageAlloc(2, 21, 2), pageAlloc(3, 22, 3), rename(4, 22, 'named', 'named')];
  // TASK_COMM_LEN: a name has 15 characters.
  expect(namesOf(packet(1, bundle(0, ...events)), packet(2, list))).toEqual([
    'systemd-journal',
    'pool-worker',
    'named',
  ]);
});
