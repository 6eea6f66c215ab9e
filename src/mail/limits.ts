/** How much is read of what strangers send. What lies beyond is named as `over-limit`. */
export const LIMITS = {
  /** Of all inputs together. */
  bytes: 64 * 1024 * 1024,
  messages: 2000,
  /** Of one mail, and of one of its header fields. */
  lines: 1_000_000,
  headerBytes: 256 * 1024,
  fieldLength: 4000,
  /** Multiparts within each other, and parts of a mail. */
  mimeDepth: 20,
  mimeParts: 200,
  /** Hunks, and headers of files. */
  hunks: 10_000,
  lineLength: 4000,
} as const;
