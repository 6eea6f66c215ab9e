import { quoted } from '../../base/errors.ts';
import type { FieldReader } from '../field-reader.ts';

/** What a trace.dat begins with (trace-cmd.dat.v6(5) and trace-cmd.dat.v7(5), INITIAL FORMAT). */
export interface FileHeader {
  readonly version: 6 | 7;
  /** Name of the algorithm, `none` for none. */
  readonly compression: string;
  /** Where the first section of options is; 0 for version 6, which has no sections. */
  readonly optionsOffset: number;
  /** Bytes of a page of the machine. */
  readonly pageSize: number;
}

const MAX_NAME = 64;
const REPORT = '`trace-cmd report FILE | tagscope report -`';

/** Reads the beginning of a file. @throws InputError for versions and byte orders that are not read */
export function readFileHeader(fields: FieldReader): FileHeader {
  fields.expect('\x17\x08\x44tracing', 'magic');
  const versionAt = fields.offset;
  const version = fields.string(MAX_NAME, 'version');
  if (version !== '6' && version !== '7') {
    throw fields.wrong(
      versionAt,
      `trace.dat version ${quoted(version)}`,
      'version 6 or 7',
      `Let the trace-cmd that recorded it turn it into text: ${REPORT}.`,
    );
  }
  const endianAt = fields.offset;
  if (fields.u8('byte order') !== 0) {
    throw fields.wrong(
      endianAt,
      'a trace of a big-endian machine',
      'little endian',
      `trace-cmd can turn it into text: ${REPORT}.`,
    );
  }
  fields.u8('bytes in a long');
  const pageSize = fields.u32('page size');
  if (version === '6') return { version: 6, compression: 'none', optionsOffset: 0, pageSize };
  const compression = fields.string(MAX_NAME, 'name of the compression');
  fields.string(MAX_NAME, 'version of the compression');
  return { version: 7, compression, optionsOffset: fields.size64('offset of the options'), pageSize };
}
