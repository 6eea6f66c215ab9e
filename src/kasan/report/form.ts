import type { KernelVersion } from '../../base/kernel-version.ts';
import type { Draft } from './draft.ts';
import { isFrame } from './frame.ts';

/** Parts of a report that lines belong to. */
export type ReportPart =
  | 'title'
  | 'access'
  | 'tags'
  | 'dump'
  | 'allocated'
  | 'freed'
  | 'work'
  | 'object'
  | 'variable'
  | 'stack'
  | 'vmalloc'
  | 'page'
  | 'memory'
  | 'slub';

/** Takes a further line of a part. @returns whether it is one */
export type TakeLine = (text: string) => boolean;

/** How a part of a report begins, in the versions of the kernel that write it so. */
export interface ReportForm {
  readonly part: ReportPart;
  readonly begins: RegExp;
  /** Versions that have it; none: all. What no version says is told by the release in the report. */
  readonly kernels?: { readonly since?: KernelVersion; readonly before?: KernelVersion };
  /** The function that prints it. */
  readonly source: string;
  /** Reads the first line; undefined where the draft has this part already, or the line is none after all. */
  begin(match: RegExpExecArray, draft: Draft): TakeLine | undefined;
}

export const version = (major: number, minor: number): KernelVersion => ({ major, minor });

export const nothingMore: TakeLine = () => false;
export const byte = (digits: string): number => Number.parseInt(digits, 16);
export const optionalNumber = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits);

export const ADDRESS = String.raw`(?:0x)?([0-9a-f]{8,16}|\(null\))`;

/** Frames, with one or two blanks before them as the kernel prints them; what an archive did to blanks does not matter. */
export const frameInto =
  (frames: string[]): TakeLine =>
  (text) => {
    if (!isFrame(text)) return false;
    frames.push(text.replace(/^ +/, '').trimEnd());
    return true;
  };

/** Sizes are unsigned: a negative one is huge. */
export const accessSize = (digits: string | undefined): number => Number(BigInt.asIntN(64, BigInt(digits ?? 0)));
