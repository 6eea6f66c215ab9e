/** Pieces of bytes as they come. */
export type ByteChunks = AsyncIterable<Uint8Array>;

/**
 * Looks at the beginning of a stream without taking it: gives the first `size` bytes (fewer if there are no more), and
 * the whole stream from its beginning.
 */
export async function peek(chunks: ByteChunks, size: number): Promise<{ head: Uint8Array; all: ByteChunks }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < size) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    length += next.value.length;
  }
  return { head: concat(taken, length).subarray(0, size), all: replay(taken, iterator) };
}

async function* replay(taken: readonly Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* taken;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Closes the file when the reader stops early.
    await iterator.return?.();
  }
}

export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Hands the chunks on and tells the size of each. */
export async function* metered(chunks: ByteChunks, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

/** Cuts chunks that are larger than `size`. */
export async function* sliced(chunks: ByteChunks, size: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}
