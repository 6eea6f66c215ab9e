import type { EnvelopeKind } from '../../src/formats/ftrace-text/envelope.ts';
import { FtraceTextReader } from '../../src/formats/ftrace-text/reader.ts';
import { oddTraces } from './odd-traces.ts';
import { streamTarget } from './stream-target.ts';
import type { FuzzTarget } from './target.ts';

const PAGE = `<html><script class="trace-data" type="application/text">  a-1 [000] ..... 0.5: kfree: call_site=a ptr=1
 => a
</script>
<script class="trace-data">
  a-1 [000] ..... 0.5: <stack trace>
 => a</script>
`;
const LOG = `<4>[    1.000000][    T1] Dumping ftrace buffer:
Nov 30 12:00:00 host kernel: ---------------------------------
[    1.000000]    a-1     0..... 1us+: kfree: call_site=a ptr=1
CPU:0 [LOST 2 EVENTS]
[    1.000000]    a-1     0..... 2us : <stack trace>
 => a
[    1.000000] ---------------------------------
`;

/** Ftrace text in a page of systrace, or in a kernel's log. */
const target = (envelope: EnvelopeKind, corpus: readonly Uint8Array[]): FuzzTarget =>
  streamTarget(`ftrace-text in a ${envelope}`, corpus, () => new FtraceTextReader({ name: 'fuzz', envelope }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const pageTarget = (): FuzzTarget => target('page', [bytes(PAGE), ...oddTraces(/^systrace-js/)]);
export const logTarget = (): FuzzTarget => target('log', [bytes(LOG), ...oddTraces(/^oops/)]);
