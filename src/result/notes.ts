import { tagSetting } from '../mte/instruction.ts';
import type { Selection } from '../replay/selection.ts';
import type { Note, RecorderWork, SiteWork, Work } from './result.ts';

/** Tag work that only the recording kernel has: other versions do otherwise. */
interface RecordedBehaviour {
  readonly id: Note['id'];
  readonly isWork: (site: SiteWork) => boolean;
  /** What it is, to follow a share of all instructions. */
  readonly text: string;
}

const PATH_MAX = 4096;

const RECORDED_BEHAVIOURS: readonly RecordedBehaviour[] = [
  {
    id: 'names-of-4-kib',
    isWork: ({ class: name, site, bytes, allocations }) =>
      name === 'slab-object' && /^_*(?:do_)?getname(?:_\w+)?$/.test(site) && bytes >= PATH_MAX * allocations,
    text: 'for names of files: in the kernel that recorded the trace getname takes an object of 4 KiB for each (fs/namei.c, cache names_cache); Linux 7.2 takes 192 bytes. A kernel as new does not have that work',
  },
];

/** What is not worth a word: its share of all tag-setting instructions. */
const MIN_SHARE = 0.01;

/** What is said of work that only the recording kernel has. */
export function recordedBehaviours(bySite: readonly SiteWork[], totals: Work): readonly Note[] {
  const all = tagSetting(totals.instructions);
  return RECORDED_BEHAVIOURS.flatMap(({ id, isWork, text }): Note[] => {
    const sites = bySite.filter((site) => site.allocations > 0 && isWork(site));
    const tagInstructions = sites.reduce((sum, { instructions }) => sum + tagSetting(instructions), 0);
    if (tagInstructions < MIN_SHARE * all || tagInstructions === 0) return [];
    return [{ id, tagInstructions, share: tagInstructions / all, text }];
  });
}

/** A share of this and more is said to be the recorder's. */
const MIN_RECORDER_SHARE = 0.001;

/** What is said of the recorder's own memory, where it is in the figures. */
export const recorderNote = (
  { share, tagInstructions, excluded, sites }: RecorderWork,
  { excludeRecorder }: Selection,
): readonly Note[] =>
  excluded || excludeRecorder || share < MIN_RECORDER_SHARE
    ? []
    : [
        {
          id: 'recorder',
          tagInstructions,
          share,
          text: `for the recording itself (${sites.slice(0, 3).join(', ')}): --exclude-recorder leaves them out`,
        },
      ];
