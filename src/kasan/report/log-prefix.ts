/** What stands before the text of a record, and who it says printed it. */
export interface LogPrefix {
  /** Characters that it takes. */
  readonly length: number;
  /** `C2` or `T902` (CONFIG_PRINTK_CALLER), or a vendor's mark of CPU and task: lines with another are somebody else's. */
  readonly caller: string | undefined;
}

/** A piece of a prefix: several may follow each other, for a log goes through several hands. */
interface PrefixPiece {
  readonly pattern: RegExp;
  /** The group of the pattern that names who printed. */
  readonly caller?: number;
  readonly source: string;
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const CLOCK = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const BY_KERNEL = String.raw` \S{1,64} kernel(?:\[\d{1,10}\])?: ?`;

/** All are anchored by the flag y: they are tried at a place, and never searched for. */
const PIECES: readonly PrefixPiece[] = [
  { pattern: /<\d{1,3}>/y, source: 'kernel/printk/printk.c: level, as dmesg --raw and serial consoles have it' },
  {
    pattern: /\[ {0,12}\d{1,10}\.\d{1,9}(?:@\d{1,3}|s)?\](?:\[ {0,8}([CT]\d{1,10})\])? ?/y,
    caller: 1,
    source: "kernel/printk/printk.c:print_time and print_caller; @N is a vendor's number of the CPU",
  },
  {
    pattern: /\[ {0,8}([CT]\d{1,10})\] ?/y,
    caller: 1,
    source: 'kernel/printk/printk.c:print_caller, a blank before it',
  },
  {
    pattern: new RegExp(String.raw`\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} [ \d]\d ${CLOCK} \d{4}\] ?`, 'y'),
    source: 'util-linux, dmesg -T',
  },
  {
    pattern: new RegExp(String.raw`\[(?:${MONTH} ?[ \d]\d \d\d:\d\d| {1,3}\+\d{1,8}\.\d{1,9})\] ?`, 'y'),
    source: 'util-linux, dmesg -e',
  },
  { pattern: /\[(?: {0,8}\d{1,10}\.\d{1,9} )?< {0,8}\d{1,10}\.\d{1,9}>\] ?/y, source: 'util-linux, dmesg -d' },
  {
    pattern: /\d{1,4},\d{1,20},\d{1,20},[-c+](?:,(?:caller=([CT]\d{1,10})|[^;,]{1,64})){0,4};/y,
    caller: 1,
    source: 'Documentation/ABI/testing/dev-kmsg, and netconsole with its extended format',
  },
  {
    pattern: new RegExp(`${MONTH} [ \\d]\\d ${CLOCK} \\S{1,64} (?=\\d{1,4},\\d{1,20},\\d{1,20},[-c+])`, 'y'),
    source: 'RFC 3164, of a line of netconsole',
  },
  {
    pattern: /(?:kern|user|daemon|syslog|auth|local\d) {0,4}:(?:emerg|alert|crit|err|warn|notice|info|debug) {0,3}: ?/y,
    source: 'util-linux, dmesg -x',
  },
  {
    pattern: new RegExp(`${MONTH} [ \\d]\\d ${CLOCK}${BY_KERNEL}`, 'y'),
    source: 'RFC 3164, as syslogd and journalctl write it',
  },
  {
    pattern: new RegExp(String.raw`\d{4}-\d\d-\d\d[T ]${CLOCK}(?:Z|[+-]\d\d:?\d\d)?(?:${BY_KERNEL}| )`, 'y'),
    source: 'RFC 5424, journalctl -o short-iso, dmesg --time-format=iso',
  },
  {
    pattern: new RegExp(
      String.raw`(?:\d{4}-)?\d\d-\d\d ${CLOCK} {1,8}(?:[a-z]\w{0,31} {1,8})?\d{1,10} {1,8}\d{1,10} [VDIWEF] [^:]{0,48}: ?`,
      'y',
    ),
    source: 'Android, logcat -b kernel -v threadtime',
  },
  { pattern: /[VDIWEF]\/[^()]{0,48}\( {0,8}\d{1,10}\): ?/y, source: 'Android, logcat -v brief' },
  { pattern: /\[pid:(\d{1,10},cpu\d{1,4}),[^\]]{0,32}\]/y, caller: 1, source: 'a phone maker: [pid:N,cpuN,comm]' },
  {
    pattern: /[A-Z]?\[ {0,8}(\d{1,4}): {0,20}[^[\]]{1,32}?: {0,10}(?:\d{1,10})\] ?/y,
    caller: 1,
    source: 'a phone maker: [cpu: comm: pid]',
  },
  { pattern: /\((\d{1,4})\)\[\d{1,10}:[^\]]{0,32}\] ?/y, caller: 1, source: 'a phone maker: (cpu)[pid:comm]' },
];

const MAX_PIECES = 6;

/** The prefix that a line begins with; its length is 0 where it has none that is known. */
export function knownPrefix(line: string, from = 0): LogPrefix {
  let at = from;
  let caller: string | undefined;
  for (let count = 0; count < MAX_PIECES; count++) {
    const piece = PIECES.find(({ pattern }) => {
      pattern.lastIndex = at;
      return pattern.test(line);
    });
    if (piece === undefined) break;
    piece.pattern.lastIndex = at;
    const match = piece.pattern.exec(line);
    if (match === null || match[0] === '') break;
    if (piece.caller !== undefined && match[piece.caller] !== undefined) caller = match[piece.caller];
    at += match[0].length;
  }
  return { length: at - from, caller };
}
