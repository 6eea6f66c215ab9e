/**
 * What the comments at the beginning of ftrace text say (kernel/trace/trace.c:print_trace_header, print_event_info,
 * print_func_help_header_irq).
 */
export class TextHeader {
  /** The kernel printed the text; else trace-cmd did, or it is a piece of one. */
  isOfKernel = false;
  kernelRelease = '';
  /** Which of the flags is the context; undefined where the header does not say. */
  contextColumn: number | undefined;
  /** Entries in the file, and those that were written and are not there. */
  announcedEntries = 0;
  overwrittenEntries = 0;
  #columns = 0;

  /** Reads a line that begins with `#`. */
  line(text: string): void {
    if (text.startsWith('# tracer:')) this.isOfKernel = true;
    const entries =
      /entries-in-buffer\/entries-written:\s*(\d{1,15})\/(\d{1,15})/.exec(text) ??
      /^# latency: \d+ us, #(\d{1,15})\/(\d{1,15}),/.exec(text);
    if (entries !== null) {
      const inBuffer = Number(entries[1]);
      this.announcedEntries += inBuffer;
      this.overwrittenEntries += Math.max(0, Number(entries[2]) - inBuffer);
    }
    this.kernelRelease = /^# \S+ latency trace v\S+ on (\S{1,200})/.exec(text)?.[1] ?? this.kernelRelease;
    this.#column(/=> ([^=]{1,40})$/.exec(text)?.[1]);
  }

  /** One line for each column of flags, drawn as a slope; in the latency format the CPU comes before them. */
  #column(name: string | undefined): void {
    if (name === undefined) return;
    if (name.startsWith('CPU#')) {
      this.#columns = 0;
      return;
    }
    if (name.startsWith('irqs-off')) this.#columns = 0;
    if (name.startsWith('hardirq/softirq')) this.contextColumn = this.#columns;
    this.#columns++;
  }
}
