/** A way of printing events that cannot be read, and how to get one that can. */
interface OtherForm {
  readonly line: RegExp;
  readonly printed: string;
  readonly advice: string;
}

const EVENT_TEXT =
  '(?:kmalloc|kfree|kmem_cache_alloc|kmem_cache_free|mm_page_alloc|mm_page_free|mm_page_free_batched|alloc_vmap_area)';

const option = (name: string, value: 0 | 1): string =>
  `Print it again: \`echo ${value} > options/${name}\` in tracefs, then copy the file "trace".`;

/** How tracefs prints entries with some of its options (Documentation/trace/ftrace.rst, "trace_options"). */
const FORMS: readonly OtherForm[] = [
  {
    line: /^\s*\S.{0,15}\s+\d+\s+\d+ \d+ [0-9a-f]{8} [0-9a-f]{8} \[[0-9a-f]+\]/,
    printed: 'with the option verbose',
    advice: option('verbose', 0),
  },
  {
    line: new RegExp(`^\\s*${EVENT_TEXT}(?:_node|_direct)?: `),
    printed: 'without the option context-info, which gives task, CPU and time',
    advice: option('context-info', 1),
  },
  { line: /^\s*\d+ \d+ \d+ (?:Unknown type|# )/, printed: 'with the option raw', advice: option('raw', 0) },
  { line: /^(?:[0-9a-f]{2,16} ){3,}[0-9a-f]{2,16}\s*$/, printed: 'with the option hex', advice: option('hex', 0) },
  { line: /[^\s -~]{3}/, printed: 'with the option bin, or not text at all', advice: option('bin', 0) },
  {
    line: /^\s*\d+\)\s.*\|/,
    printed: 'by the tracer function_graph',
    advice: 'Record events, with the tracer nop: `echo nop > current_tracer`.',
  },
];

/** How a line that is no event was printed, if that can be told. */
export const formOf = (line: string): Pick<OtherForm, 'printed' | 'advice'> | undefined =>
  FORMS.find((form) => form.line.test(line));
