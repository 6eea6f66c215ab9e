/** Lines that a mailer has wrapped: the first part is known to be no whole line, and the second to be none that begins. */
interface Wrapped {
  readonly first: RegExp;
  readonly second: RegExp;
  readonly between?: '';
}

const WORDS = /^[0-9a-f]{8,16}(?: [0-9a-f]{8,16}){0,7}\s*$/;

const WRAPPED: readonly Wrapped[] = [
  { first: /^Hardware name: (?!.*\d\d\/\d\d\/\d{4})/, second: /^ {0,2}\S.{0,60}\d\d\/\d\d\/\d{4}\s*$/ },
  { first: /^BUG: KASAN: .* at addr\s*$/, second: /^ ?[0-9a-f]{8,16}\s*$/ },
  // Bytes of code and registers, which are long lines.
  { first: /^ {0,2}(?:Code|RSP): /, second: /^ ?(?:[0-9a-f]{2} |<[0-9a-f]{2}> |[0-9a-f]{16}\s*$)/ },
  // Quoted-printable (RFC 2045): a line that ends with "=" goes on.
  { first: /[^=]=$/, second: /^/, between: '' },
  {
    first: /^ {0,2}page: ?(?:\S+ )?(?:refcount|count):.*\s$|^ {0,2}page: ?(?:\S+ )?(?:refcount|count):(?!.*index:).*$/,
    second: /^ {0,2}(?:mapcount|mapping|index|pfn|compound_mapcount):/,
  },
  { first: /^ {0,2}page: ?(?:\S+ )?(?:refcount|count):.*[a-z]:\s*$/, second: /^ {0,2}(?:0x)?[0-9a-f]+\b/ },
  { first: /^ {0,2}(?:\w+ )?flags:\s*$/, second: /^ {0,2}0x[0-9a-f]+\(/ },
  { first: /^ {0,2}(?:raw|head):(?: [0-9a-f]{16}){1,3}\s*$/, second: WORDS },
  { first: /^ {0,2}(?:raw|head):\s*$/, second: WORDS },
  { first: /^[ >]{0,2}[0-9a-f]{8,16}:(?: [0-9a-f]{2}){1,15}\s*$/, second: /^(?:[0-9a-f]{2} ){0,14}[0-9a-f]{2}\s*$/ },
  {
    first: /^BUG: KASAN: .*(?: in| in \S+)\s*$/,
    second: /^(?:\[[\w-]+\]|[\w./-]+:\d+(?: \[inline\])?|[\w.]+\+0x[0-9a-f]+\/0x[0-9a-f]+.*)\s*$/,
  },
  {
    first: /^(?:Read|Write|Free)(?: of| at)? .*(?:\baddr|\bby|\btask|[0-9a-f]{8,16}|\bof|\bsize|\bat|size \d+)\s*$/,
    second: /^(?:size|at|addr|by|task|[0-9a-f]{8,16} by|.{1,32}\/\d+\s*$)/,
  },
  {
    // The version of the kernel ends with the number of its build.
    first: /^CPU: \d+ (?!.*#\d)/,
    second: /^ *(?:\d+\.\d+\S*|g[0-9a-f]{8,}\S*|\S+-g[0-9a-f]+\S*)\s+#\d+|^#\d+ ?\S*$/,
  },
  { first: /^CPU: \d+ .*Tainted:\s*$/, second: /^\s{1,16}(?:[A-Z] {1,8}){1,20}\d+\.\d+\S*\s+#\d+/ },
  {
    first: /^ {0,4}(?:\? )?[\w.$]+\+0x[0-9a-f]+\/0x[0-9a-f]+\s*$|^ {0,4}(?:\? )?[\w.$]+ [\w./-]+:\d+\s*$/,
    second: /^ ?(?:\[inline\]|[\w./-]+\/[\w.-]+\.[chS]:\d+(?: \[inline\])?|[\w./-]+\.[chS]:\d+(?: \[inline\])?)\s*$/,
  },
  { first: /^The buggy address belongs to the object at\s*$/, second: /^[0-9a-f]{8,16}\s*$/ },
  {
    first: /^The buggy address is located \d+ bytes(?: inside| to(?: the(?: left| right)?)?)?\s*$/,
    second: /^(?:inside|to|the|left|right|of)\b.*of\s*$|^of\s*$/,
  },
  {
    first: /^ {0,2}page (?:last )?allocated via order.*$/,
    second: /^ {0,2}(?:migratetype|gfp_mask|pid|tgid|ts|free_ts|\(\S+\)|0x[0-9a-f]+\().*$/,
  },
];

/** The line that two parts make, or undefined where the second does not go on with the first. */
export function joinedLine(first: string, second: string): string | undefined {
  if (first === '' || second === '') return undefined;
  const rule = WRAPPED.find((row) => row.first.test(first) && row.second.test(second));
  if (rule === undefined) return undefined;
  return rule.between === '' ? `${first.slice(0, -1)}${second}` : `${first.trimEnd()} ${second.trim()}`;
}
