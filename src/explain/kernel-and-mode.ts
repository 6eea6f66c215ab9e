import type { KernelVersion } from '../base/kernel-version.ts';
import type { KasanReport } from '../kasan/report/report.ts';
import type { FoundReport } from '../kasan/report/scan.ts';
import type { ReportMode } from './result.ts';

/** What a log says of its kernel outside the reports. */
export interface LogFacts {
  /** The release in `Linux version …`. */
  readonly release?: string | undefined;
  /** What KASAN printed when it was initialised, behind `KernelAddressSanitizer initialized`. */
  readonly kasan?: string | undefined;
}

/** The kernel of a report, and what told it. */
export interface ReportKernel {
  readonly release: string | undefined;
  readonly version: KernelVersion | undefined;
  readonly evidence: string;
}

const RELEASE = /(?:^| )(\d{1,2}\.\d{1,3}(?:\.\d{1,5})?[^\s,]*)(?: |$)/;
const TAINT_LETTERS = /^(?:Kdump: loaded )?(?:Not tainted|Tainted: [A-Z ]*)/;

const versionOf = (release: string): KernelVersion | undefined => {
  const match = /^(\d{1,2})\.(\d{1,3})/.exec(release);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
};

const text = ({ major, minor }: KernelVersion): string => `${major}.${minor}`;

/** The release of the kernel: from its own stack dump, from the log's first lines, or between which ones it must be. */
export function kernelOf({ report, kernels }: FoundReport, facts: LogFacts): ReportKernel {
  const status = report.dump?.status.replace(TAINT_LETTERS, ' ') ?? '';
  const told = RELEASE.exec(status)?.[1];
  if (told !== undefined) return { release: told, version: versionOf(told), evidence: 'the line of the CPU' };
  if (facts.release !== undefined)
    return { release: facts.release, version: versionOf(facts.release), evidence: '"Linux version" in the log' };
  const { since, before } = kernels;
  const bounds = [
    since === undefined ? '' : `since ${text(since)}`,
    before === undefined ? '' : `before ${text(before)}`,
  ];
  const range = bounds.filter((bound) => bound !== '').join(', ');
  return {
    release: undefined,
    // The newest that writes so: newer forms are the likelier ones.
    version: before === undefined ? undefined : { major: before.major, minor: Math.max(0, before.minor - 1) },
    evidence: range === '' ? 'the log does not tell' : `the log does not tell; its forms are those of kernels ${range}`,
  };
}

const UPPER_NIBBLE = 0xf0;
/** Shadow bytes below this are no poison of generic KASAN, and no tag of HW_TAGS. */
const isHardwareTag = (tag: number): boolean => tag >= UPPER_NIBBLE;

/** arch/arm64/mm/fault.c: the handler of a tag that does not match. */
const TAG_FAULT = /\bdo_tag_check_fault\b/;
const TAG_SHIFT = 56n;
/** Of KASAN's tags: addresses of other architectures begin with ff too, which is no tag that is checked. */
const hasHardwareTag = (address: bigint | undefined): boolean => {
  const tag = address === undefined ? 0 : Number((address >> TAG_SHIFT) & 0xffn);
  return tag >= UPPER_NIBBLE && tag < 0xff;
};

const BOOT_MODES: readonly (readonly [pattern: RegExp, mode: ReportMode])[] = [
  [/\(hw-tags/, 'hw-tags'],
  [/\(sw-tags/, 'sw-tags'],
  [/\(generic\)/, 'generic'],
];

/** Which KASAN printed a report, and what told it. */
export function modeOf(report: KasanReport, facts: LogFacts): { readonly mode: ReportMode; readonly evidence: string } {
  const { kasan } = facts;
  const booted = kasan === undefined ? undefined : BOOT_MODES.find(([pattern]) => pattern.test(kasan));
  if (booted !== undefined) return { mode: booted[1], evidence: 'the message of KASAN at boot' };
  if (report.kind === 'async')
    return { mode: 'hw-tags', evidence: 'an asynchronous fault: only hardware tags are checked later' };
  const { tags, access, memory, bugType } = report;
  const bytes = (memory?.rows ?? []).flatMap((row) => row.bytes);
  if (tags === undefined) {
    const isTagFault = (report.dump?.callTrace ?? []).some((frame) => TAG_FAULT.test(frame));
    if (isTagFault) return { mode: 'hw-tags', evidence: 'do_tag_check_fault in the call trace' };
    if (access.size === 0 && access.kind !== undefined && access.kind !== 'free' && hasHardwareTag(access.address))
      return { mode: 'hw-tags', evidence: 'the access has no size, and its address a tag' };
    if (bytes.length > 0 || access.size > 0 || report.object !== undefined)
      return { mode: 'generic', evidence: 'no line of tags, which both tag-based modes print' };
    if (access.kind === 'free' && access.address !== undefined && report.dump !== undefined)
      return { mode: 'generic', evidence: 'no line of tags between the access and the stack' };
    return { mode: 'unknown', evidence: `nothing in the report tells (${bugType})` };
  }
  const allHardware = [tags.pointer, tags.memory, ...bytes].every(isHardwareTag);
  if (!allHardware) return { mode: 'sw-tags', evidence: 'tags below f0: they have all of a byte' };
  const size = access.size === 0 && access.kind !== 'free' ? 'the access has no size, and ' : '';
  return { mode: 'hw-tags', evidence: `${size}all tags are f0 to ff` };
}
