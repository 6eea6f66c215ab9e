import { addressValue, type Draft } from '../draft.ts';
import { nothingMore, version, type ReportForm } from '../form.ts';
import { beginTrack } from './tracks.ts';

/** mm/slub.c:print_trailer, which KASAN called up to Linux 4.7. */
export const SLUB_FORMS: readonly ReportForm[] = [
  {
    part: 'slub',
    begins: /^={70,90}\s*$/,
    kernels: { before: version(4, 8) },
    source: 'mm/slub.c:slab_bug',
    begin: ([text], draft) => {
      draft.remarks.push(text);
      return nothingMore;
    },
  },
  {
    part: 'slub',
    begins: /^BUG (\S{1,64}) \(.*\): kasan: bad access detected\s*$/,
    kernels: { before: version(4, 8) },
    source: 'mm/slub.c:object_err',
    begin: ([, cache], draft) => {
      const object: NonNullable<Draft['object']> = { address: 0n, cache };
      let frames: string[] | undefined;
      let bytes = 0;
      return (text) => {
        if (frames !== undefined && /^\t?\s*[\w.]+\+0x/.test(text)) {
          frames.push(text.trim());
          return true;
        }
        const track = /^INFO: (Allocated|Freed) in (\S+) age=\d+ cpu=\d+ pid=(-?\d{1,10})\s*$/.exec(text);
        if (track !== null) {
          const begun = beginTrack(draft, track[1] === 'Allocated' ? 'allocated' : 'freed', Number(track[3]));
          if (begun === undefined) return false;
          begun.frames.push(track[2]);
          ({ frames } = begun);
          return true;
        }
        const at = /^INFO: Object 0x([0-9a-f]{8,16}) @offset=\d+ fp=.*$/.exec(text);
        if (at !== null && draft.object === undefined) {
          draft.object = { ...object, address: addressValue(at[1]) };
          return true;
        }
        const dump = /^Object [0-9a-f]{8,16}: ((?:[0-9a-f]{2} )+)/.exec(text);
        if (dump !== null && draft.object !== undefined) {
          bytes += dump[1].trim().split(' ').length;
          draft.object.objectSize = bytes;
        } else if (!SLUB_LINE.test(text)) return false;
        draft.remarks.push(text);
        return true;
      };
    },
  },
];

const SLUB_LINE =
  /^(?:-{10,}|={70,}|INFO: Slab 0x.*|(?:Bytes b4|Object|Redzone|Padding) [0-9a-f]{8,16}: .*|Disabling lock debugging.*|Disabling lock.*)\s*$/;
