import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const folder = new URL('../../cases/odd-traces/', import.meta.url);

/** The small traces of odd forms whose names match. */
export const oddTraces = (name: RegExp): Uint8Array[] =>
  readdirSync(folder)
    .filter((file) => name.test(file))
    .toSorted()
    .map((file) => {
      const data = readFileSync(new URL(file, folder));
      return new Uint8Array(file.endsWith('.gz') ? gunzipSync(data) : data);
    });
