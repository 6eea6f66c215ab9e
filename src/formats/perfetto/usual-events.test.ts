import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dumpTable } from '../../trace/dump.testdata.ts';
import {
  bundle,
  event,
  field,
  kfree,
  kmalloc,
  message,
  packet,
  pageAlloc,
  readBytes,
  varint,
} from './building.testdata.ts';
import type { Bytes } from './building.testdata.ts';

// Protobuf lets a length be written in more bytes than it needs (protobuf.dev, "Encoding": a varint may end with zeros).
// Perfetto does so for messages that it patches later. An event with such a length is not a usual one, so it is read in
// the general way, and must be the same event.

interface Field {
  readonly tag: number;
  readonly content: Uint8Array | undefined;
  readonly value: bigint;
}

function fieldsOf(data: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const number = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < data.length) {
    const tag = Number(number());
    const value = number();
    const length = (tag & 7) === 2 ? Number(value) : 0;
    fields.push({ tag, value, content: (tag & 7) === 2 ? data.subarray(at, at + length) : undefined });
    at += length;
  }
  return fields;
}

/** The same trace, its events with lengths of three bytes. `depth`: 0 for packets, 1 for bundles, 2 for events. */
function unusual(data: Uint8Array, depth = 0): Bytes {
  return fieldsOf(data).flatMap(({ tag, content, value }): Bytes => {
    if (content === undefined) return [...varint(tag), ...varint(value)];
    const isEvents = tag === [0x0a, 0x0a, 0x12][depth];
    if (!isEvents) return [...varint(tag), ...varint(content.length), ...content];
    if (depth < 2) {
      const inner = unusual(content, depth + 1);
      return [...varint(tag), ...varint(inner.length), ...inner];
    }
    const { length } = content;
    return [...varint(tag), (length & 0x7f) | 0x80, (length >> 7) | 0x80, 0, ...content];
  });
}

/** All of a table, but of samples of losses only what was expected: the bytes are others, and elsewhere. */
function comparable(trace: Uint8Array): unknown {
  const table = readBytes(trace);
  const samples = table.losses.samples.map((sample) => ({ ...sample, offset: 0, found: '' }));
  return dumpTable({ ...table, losses: { ...table.losses, samples } });
}

const bothWays = (trace: Uint8Array): void =>
  expect(comparable(trace)).toEqual(comparable(Uint8Array.from(unusual(trace))));

test('the events of a real trace are the same, read in the general way', () => {
  bothWays(new Uint8Array(readFileSync(new URL('../../../cases/perfetto/x86-kmem.pftrace', import.meta.url))));
});

test('events with numbers of every size are the same, read in the general way', () => {
  const time = fc.integer({ min: 0, max: 2 ** 48 });
  const pid = fc.constantFrom(0, 1, 127, 128, 40_000, 2 ** 31 - 1);
  const site = fc.constantFrom(1n, 0xffff_ffff_8100_0000n, 0xffff_ffff_8200_0000n);
  const ptr = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 0xffff_8880_0000_0000n, max: 0xffff_8881_0000_0000n }),
    fc.constantFrom(0n, 127n, 128n, 2n ** 28n - 1n, 2n ** 28n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
  );
  const pfn = fc.oneof(fc.nat(2 ** 30), fc.constantFrom(0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 40));
  const anEvent = fc.oneof(
    fc.tuple(time, pid, ptr, site).map(([at, task, key, from]) => kmalloc(at, task, key, from)),
    fc.tuple(time, pid, ptr, site).map(([at, task, key, from]) => kfree(at, task, key, from)),
    fc.tuple(time, pid, pfn, fc.nat(3)).map(([at, task, key, order]) => pageAlloc(at, task, key, order)),
    // A key that is not last, one that is there twice, and none.
    fc.tuple(time, pid, ptr).map(([at, task, key]) => event(at, task, 298, field(2, key), field(1, 7))),
    fc.tuple(time, pid, ptr).map(([at, task, key]) => event(at, task, 298, field(2, 1), field(1, 7), field(2, key))),
    fc.tuple(time, pid).map(([at, task]) => event(at, task, 298, field(1, 7))),
  );
  const traces = fc.array(fc.tuple(fc.nat(2), fc.array(anEvent, { maxLength: 30 })), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(traces, (bundles) => {
      bothWays(Uint8Array.from(message(...bundles.map(([cpu, events]) => packet(1, bundle(cpu, ...events))))));
    }),
  );
});
