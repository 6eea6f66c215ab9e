import type { FaultParameter } from './report/reporter.ts';
import { DEFAULT_STACK_RING_SIZE } from './stack-ring.ts';

/** `kasan.mode=` of HW_TAGS. */
export type KasanMode = 'sync' | 'async' | 'asymm';

/** Boot parameters that change what is detected and reported, and no tag store (mm/kasan/hw_tags.c, tags.c, report.c). */
export interface Detection {
  /** `kasan.mode=` */
  readonly mode: KasanMode;
  /** `kasan.write_only=` */
  readonly writeOnly: boolean;
  /** `kasan.stacktrace=` */
  readonly stacktrace: boolean;
  /** `kasan.stack_ring_size=`, in entries */
  readonly stackRingSize: number;
  /** `kasan.fault=` */
  readonly fault: FaultParameter;
  /** `kasan_multi_shot` */
  readonly multiShot: boolean;
}

/** The defaults of 7.3. */
export const DEFAULT_DETECTION: Detection = {
  mode: 'sync',
  writeOnly: false,
  stacktrace: true,
  stackRingSize: DEFAULT_STACK_RING_SIZE,
  fault: 'report',
  multiShot: false,
};
