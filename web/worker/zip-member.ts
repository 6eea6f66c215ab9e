import { InputError, quoted } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/formats/byte-source.ts';
import type { ArchiveMember, WantedMember } from '../../src/open/platform.ts';

/**
 * Archives are taken apart by the command line: a page that is dropped one says how to unpack it.
 *
 * @throws InputError always
 */
export function zipMember(_: ByteSource, name: string, wanted: WantedMember): Promise<ArchiveMember> {
  throw new InputError({
    where: name,
    found: wanted.name === undefined ? 'a zip archive' : `a zip archive with ${quoted(wanted.name)} in it`,
    expected: 'a trace',
    advice: 'Unpack it and drop the trace itself, or give the archive to `tagscope ui` or `tagscope report`.',
  });
}
