/**
 * Where random tests begin: 1, or what the environment says. `npm run test:random` gives a fresh seed for each of its
 * rounds and prints it.
 */
export const TEST_SEED = seedOf(process.env['TEST_SEED'] ?? '1');

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0x7fff_ffff) {
    throw new Error(`TEST_SEED=${text}: expected a whole number from 0 to ${0x7fff_ffff}`);
  }
  return seed;
}
