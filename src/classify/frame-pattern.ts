/** Names of normalised frames; a trailing `*` stands for any rest. */
export type FramePatterns = readonly string[];

export type FrameMatcher = (frame: string) => boolean;

/** A test whether a normalised frame is one of `patterns`. */
export function compileFramePatterns(patterns: FramePatterns): FrameMatcher {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (frame) => exact.has(frame) || prefixes.some((prefix) => frame.startsWith(prefix));
}
