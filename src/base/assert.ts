/** Marks the branch of an exhaustive switch that cannot be reached; fails to compile when a case is missing. */
export function assertUnreachable(value: never): never {
  throw new Error(`unreachable case: ${String(value)}`);
}
