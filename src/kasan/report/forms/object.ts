import { addressValue, type Draft } from '../draft.ts';
import { ADDRESS, version, type ReportForm } from '../form.ts';

export const OBJECT_FORMS: readonly ReportForm[] = [
  {
    part: 'object',
    begins: new RegExp(String.raw`^The buggy address belongs to the object at ${ADDRESS}\s*$`),
    kernels: { since: version(4, 12) },
    source: 'mm/kasan/report.c:describe_object_addr',
    begin: ([, digits], draft) => {
      if (draft.object !== undefined) return undefined;
      const object: NonNullable<Draft['object']> = { address: addressValue(digits) };
      draft.object = object;
      return (text) => takeObject(object, text);
    },
  },
  {
    part: 'object',
    begins: new RegExp(String.raw`^Object at ${ADDRESS}, in cache (.{1,256}?)(?: size: (\d{1,10}))?\s*$`),
    kernels: { since: version(4, 6), before: version(4, 12) },
    source: 'mm/kasan/report.c:kasan_object_err',
    begin: ([, digits, cache, size], draft) => {
      if (draft.object !== undefined) return undefined;
      const object: NonNullable<Draft['object']> = {
        address: addressValue(digits),
        cache,
        ...(size === undefined ? {} : { objectSize: Number(size) }),
      };
      draft.object = object;
      return (text) => {
        const allocated = /^Object (?:allocated with size (\d{1,10}) bytes\.|freed.*|allocated.*)\s*$/.exec(text);
        if (allocated === null) return false;
        if (allocated[1] === undefined) draft.remarks.push(text);
        else object.objectSize ??= Number(allocated[1]);
        return true;
      };
    },
  },
];

const CACHE_LINE = /^ {0,4}which belongs to the cache (.{1,256}) of size (\d{1,10})\s*$/;
const LOCATED_LINE = /^The buggy address is located (\d{1,15}) bytes (inside|to the left|to the right) of\s*$/;
const REGION_LINE = new RegExp(
  String.raw`^ {0,4}(?:(allocated|freed) )?(\d{1,15})-byte region \[${ADDRESS}, ${ADDRESS}\)\s*$`,
);

function takeObject(object: NonNullable<Draft['object']>, text: string): boolean {
  const cache = CACHE_LINE.exec(text);
  if (cache !== null && object.cache === undefined) {
    object.cache = cache[1];
    object.objectSize = Number(cache[2]);
    return true;
  }
  const located = LOCATED_LINE.exec(text);
  if (located !== null && object.position === undefined) {
    object.distance = Number(located[1]);
    object.position =
      located[2] === 'inside' ? 'inside' : located[2] === 'to the left' ? 'to the left' : 'to the right';
    return true;
  }
  const region = REGION_LINE.exec(text);
  if (region === null || object.regionSize !== undefined) return false;
  if (region[1] !== undefined) object.state = region[1] === 'allocated' ? 'allocated' : 'freed';
  object.regionSize = Number(region[2]);
  object.regionStart = addressValue(region[3]);
  object.regionEnd = addressValue(region[4]);
  return true;
}
