/**
 * Decompresses one whole stream or frame; throws an `Error` if it is damaged, empty or gives more than `maxBytes`. Whoever
 * knows how much it must give should compare: of what is cut short some decoders give what there is.
 */
export type Decompress = (data: Uint8Array, maxBytes: number) => Uint8Array;

/** Decompression of parts of a file, which readers get from outside: the core has no packages and no platform. */
export interface Decompressors {
  /** A zlib stream (RFC 1950). */
  readonly zlib: Decompress;
  /** A zstd frame (RFC 8878). */
  readonly zstd: Decompress;
}

/** Decompresses one stream or frame that comes in pieces, which some formats have besides their own pieces. */
export interface StreamDecompressor {
  /**
   * Takes the next piece and gives all that can be decoded now, in parts whose memory is used again.
   *
   * @throws Error if it is damaged or wants more than 128 MiB to work in; what `give` throws passes through
   */
  push(piece: Uint8Array, give: (part: Uint8Array) => void): void;
}
