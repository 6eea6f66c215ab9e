/** How a command ends. */
export const EXIT = {
  ok: 0,
  /** A check failed, or a regression was found. */
  failed: 1,
  usage: 2,
  input: 3,
  internal: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
