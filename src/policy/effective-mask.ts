import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, gfpUnion, gfpWithout, type Gfp } from '../gfp/flags.ts';
import type { Action } from './policy.ts';

/** The mask that a policy makes of the one that a HW_TAGS kernel passes. */
export function effectiveMask(mask: Gfp, action: Action): Gfp {
  switch (action) {
    case 'tag':
      return gfpWithout(mask, gfpUnion(GFP_SKIP_KASAN, GFP_SKIP_ZERO));
    case 'skip':
      return gfpUnion(gfpWithout(mask, GFP_SKIP_ZERO), GFP_SKIP_KASAN);
    case 'kernel':
      return mask;
  }
}
