import type { TextReader, TextReaderOptions } from '../formats/text/text-part.ts';

/** Formats that can be read in parts. */
export type TextFormat = 'ftrace text' | 'perf script text';

export type MakeTextReader = (options: TextReaderOptions) => TextReader;

/** Makes readers of a format. They are loaded only then: most runs need one of them. */
export async function textReaders(format: TextFormat): Promise<MakeTextReader> {
  switch (format) {
    case 'ftrace text': {
      const { FtraceTextReader } = await import('../formats/ftrace-text/reader.ts');
      return (options) => new FtraceTextReader(options);
    }
    case 'perf script text': {
      const { PerfScriptReader } = await import('../formats/perf-script/reader.ts');
      return (options) => new PerfScriptReader(options);
    }
  }
}
