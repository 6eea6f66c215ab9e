import type { Surroundings } from './surroundings.ts';

/** Tells what of the command line of the kernel was passed over. */
export function printWarnings(
  { warnings }: { readonly warnings: readonly string[] },
  { stderr }: Pick<Surroundings, 'stderr'>,
): void {
  for (const warning of warnings) stderr.write(`${warning}\n`);
}
