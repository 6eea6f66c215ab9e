import { expect, test } from 'vitest';
import { callSiteFrame } from '../src/classify/call-site.ts';
import { compileStackRules } from '../src/classify/rules.ts';
import { normalizeSymbol } from '../src/classify/symbol.ts';
import { KERNEL_PLACES } from '../src/mm/sites.ts';
import { gfpBit } from '../src/replay/follow/shape-facts.ts';

const classify = compileStackRules({ major: 7, minor: 3 });

// One truth for two drivers: what a trace with these stacks would be taken for is what the model says of its places.
test.each(Object.entries(KERNEL_PLACES))('%s: class and call site are those that its stack gives', (_name, place) => {
  const frames = place.frames.map(normalizeSymbol);
  expect(frames[callSiteFrame(frames)]).toBe(place.site);
  // Objects are known by their events; a stack tells the class of pages.
  if (place.class !== 'slab-object')
    expect(classify(frames, (flag) => (place.gfp & gfpBit(flag)) !== 0, 0)?.class).toBe(place.class);
});
