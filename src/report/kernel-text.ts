import type { ReportResult } from '../result/result.ts';
import { byteSize, counted, clockDuration } from './number-format.ts';
import { printable } from './printable.ts';
import { labelled } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const LABEL_WIDTH = 9;

/** What of a result says what it is about. */
type Traced = Pick<ReportResult, 'source' | 'events' | 'kernel'>;

/** Labelled paragraphs on what the figures hold for: trace and kernel. */
export function kernelText(result: Traced, options: TextOptions): string[] {
  return [
    ...paragraph('Trace', traceSentence(result), options),
    ...paragraph('Kernel', kernelSentence(result), options),
  ];
}

/** How good the counts are. */
export const countsSentence = ({ provenance }: Pick<ReportResult, 'provenance'>): string =>
  `tagscope ${provenance.tagscope}. Granules and instructions are ${provenance.counts}: they follow from the rules, given the operations in the trace.`;

/** What is tagged, and where that is from. */
export const policyText = (result: Pick<ReportResult, 'policy'>, options: TextOptions, label = 'Policy'): string[] =>
  paragraph(label, policySentence(result), options);

/** A policy by its name; one that depends on the trace with why it is what it is. */
export const policyName = ({ policy: { name, basis } }: Pick<ReportResult, 'policy'>): string =>
  basis === undefined ? name : `${name} (${basis})`;

export function policySentence({ policy }: Pick<ReportResult, 'policy'>): string {
  const source = policy.source === '' ? '' : ` Source: ${policy.source}.`;
  return `${policyName({ policy })}. ${policy.description}${source}`;
}

/** What was read. */
export function traceSentence({ source, events, kernel }: Traced): string {
  const part =
    source.since === null && source.until === null
      ? ''
      : ` Counted: from ${source.since === null ? 'the beginning' : `${source.since} s`} to ${source.until === null ? 'the end' : `${source.until} s`} on the trace's clock.`;
  return `${source.files.join(', ')}: ${source.format}, ${byteSize(source.bytes)}, ${counted(events.total, 'event')} in ${clockDuration(source)} on ${counted(source.cpus, 'CPU')}; ${kernel.stacks ? 'with' : 'no'} stack traces, ${POINTERS[kernel.pointers]}.${part}`;
}

const POINTERS: { readonly [Style in ReportResult['kernel']['pointers']]: string } = {
  plain: 'plain pointers',
  hashed: 'hashed pointers',
  none: 'no pointers',
};

/** What kernel and CPU were computed for. */
export function kernelSentence({ kernel }: Traced): string {
  const recorded = `recorded by ${recordingKernelText(kernel)}${
    kernel.mode === 'own-flags'
      ? ' with HW_TAGS; its own gfp flags hold where the policy leaves it to the kernel'
      : ', without a sign of HW_TAGS, and replayed as if it were on'
  }`;
  const blocks = kernel.dzp ? 'DC GVA prohibited' : `DC blocks of ${byteSize(kernel.dcBlock)}`;
  const cmdline = kernel.cmdline === '' ? 'default boot parameters' : `boot parameters ${kernel.cmdline}`;
  return `rules of Linux ${kernel.rules}; ${recorded}. Pages of ${byteSize(kernel.pageSize)}; ${kernel.cpu}, ${blocks}; ${cmdline}.`;
}

/** The version that the trace is of; what is only assumed never reads as if the trace said it. */
function recordingKernelText({ recordedBy, versionFrom, versionBounds }: ReportResult['kernel']): string {
  if (versionFrom !== 'assumed') return `Linux ${recordedBy}`;
  const because = versionBounds === '' ? ': --kernel' : `; ${versionBounds}; --kernel says which`;
  return `a kernel of unknown version (${recordedBy} assumed${because})`;
}

/** What the figures rest on, in one line. */
export function provenanceBrief({ kernel }: Pick<ReportResult, 'kernel'>, profile: string | undefined): string {
  const blocks = kernel.dzp ? 'DC GVA prohibited' : `DC blocks of ${byteSize(kernel.dcBlock)}`;
  const time = profile === undefined ? '' : `; times: ${profile}`;
  return `Rules of Linux ${kernel.rules}, pages of ${byteSize(kernel.pageSize)}, ${blocks}${time}.`;
}

const paragraph = (label: string, text: string, options: TextOptions): string[] =>
  labelled(label, LABEL_WIDTH, printable(text, options.unicode), proseWidth(options));
