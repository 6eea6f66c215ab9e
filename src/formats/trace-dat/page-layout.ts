import { InputError } from '../../base/errors.ts';

/** How pages of the ring buffer are laid out, as events/header_page of tracefs says. */
export interface PageLayout {
  /** Bytes of a page, header included. */
  readonly pageBytes: number;
  /** Where the records begin. */
  readonly dataOffset: number;
  /** Bytes of a `long` of the kernel. */
  readonly longBytes: 4 | 8;
}

/** Sub-buffers have at most some MiB (buffer_subbuf_size_kb). */
const MAX_PAGE_BYTES = 1 << 24;
const COMMIT_OFFSET = 8;

/**
 * @param headerPage text of events/header_page; empty where the file has none
 * @param pageBytes what the file says elsewhere, or 0
 * @throws InputError for a layout that no kernel has
 */
export function pageLayout(headerPage: string, pageBytes: number, name: string): PageLayout {
  const commit = field(headerPage, 'commit') ?? { offset: COMMIT_OFFSET, size: 8 };
  const data = field(headerPage, 'data') ?? { offset: COMMIT_OFFSET + commit.size, size: 0 };
  const longBytes = commit.size;
  const bytes = pageBytes > 0 ? pageBytes : data.offset + data.size;
  const fits = data.offset === COMMIT_OFFSET + longBytes && bytes % 4 === 0 && bytes > data.offset;
  if ((longBytes === 4 || longBytes === 8) && commit.offset === COMMIT_OFFSET && fits && bytes <= MAX_PAGE_BYTES) {
    return { pageBytes: bytes, dataOffset: data.offset, longBytes };
  }
  throw new InputError({
    where: `${name}, header_page`,
    found: `pages of ${bytes} bytes with commit at ${commit.offset} (${commit.size} bytes) and data at ${data.offset}`,
    expected: `pages of at most ${MAX_PAGE_BYTES} bytes with commit at ${COMMIT_OFFSET} (4 or 8 bytes) and data behind it`,
    advice:
      'The file is damaged, or of a kernel whose ring buffer is another: `trace-cmd report FILE | tagscope report -`.',
  });
}

function field(text: string, name: string): { offset: number; size: number } | undefined {
  const match = new RegExp(`field:[^;\\n]*\\b${name};\\s*offset:(\\d{1,9});\\s*size:(\\d{1,9});`).exec(text);
  return match === null ? undefined : { offset: Number(match[1]), size: Number(match[2]) };
}
