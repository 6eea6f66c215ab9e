import { InputError, quoted } from '../base/errors.ts';

/**
 * Refuses events of memory from several buffers of the kernel: what was recorded in two of them would count twice.
 *
 * @param name of the input
 * @param buffers those that have such events; the top one has no name
 * @throws InputError if there are several
 */
export function refuseSeveralBuffers(name: string, buffers: readonly string[]): void {
  if (buffers.length < 2) return;
  const names = buffers.map((buffer) => quoted(buffer === '' ? 'top' : buffer, 40));
  throw new InputError({
    where: name,
    found: `events of memory in several buffers (${names.join(', ')})`,
    expected: 'them in one: what was recorded twice would count twice',
    advice: 'Record them in one buffer: give `-e kmem` once, before or behind one `-B NAME`.',
  });
}
