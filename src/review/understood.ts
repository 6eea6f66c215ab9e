import type { AllocationClass } from '../base/allocation-class.ts';
import type { AppliedSeries, SourceTree } from '../series/apply-series.ts';
import type { SeriesVersion } from '../series/series.ts';
import { flagChanges, type FlagChange, type MaskNamesOf } from './flag-changes.ts';
import type { Base } from './kernel-facts.ts';
import { namesOfSeries, shownBase } from './names-of-series.ts';
import { newFlags, skipFlags } from './tag-flags.ts';
import { filePieces, wholeFile, type FilePieces, type Piece } from './pieces.ts';

/** A kernel tree, or a part of one, that the series is applied to. */
export interface KernelTree extends SourceTree {
  /** The paths of files that have a name (an identifier of C) in them, sorted; before the series. */
  filesWith(name: string): readonly string[];
}

/** What is known of a version of a series once its diffs are read. All rules judge this, which is the final state. */
export interface Understood {
  readonly version: SeriesVersion;
  readonly files: readonly FilePieces[];
  readonly applied: AppliedSeries;
  readonly names: MaskNamesOf;
  /** The masks whose value the series changes in its text, in the order of files and lines. */
  readonly changes: readonly FlagChange[];
  readonly base: Base;
  /** How `base` is known: the diff shows it, or it was given or assumed. */
  readonly baseIsShown: boolean;
  readonly tree: KernelTree | undefined;
  /** Flags that the series defines. */
  readonly newFlags: readonly string[];
  /** The classes that are not tagged any more, by the masks that gain a flag for that. */
  readonly skippedClasses: readonly AllocationClass[];
  /** The same of functions whose memory is of no class that the program knows. */
  readonly skippedSites: readonly string[];
  /** All that the author wrote: cover letter, subjects, messages, notes. */
  readonly text: string;
}

/** What to assume of the kernel that a series is for, where its diffs do not tell. */
export const DEFAULT_BASE: Base = 'with-series';

const authorsText = ({ cover, patches }: SeriesVersion): string =>
  [
    cover === undefined ? '' : `${cover.title}\n${cover.text}`,
    ...patches.map(({ subject, message, notes }) => `${subject}\n${message}\n${notes}`),
  ].join('\n\n');

/** What gains a flag that keeps it from being tagged: by class, or by function where the class is not known. */
function skippedIn(
  newlyDefined: readonly string[],
  changes: readonly FlagChange[],
): Pick<Understood, 'skippedClasses' | 'skippedSites'> {
  const flags = skipFlags({ newFlags: newlyDefined });
  const classes = new Set<AllocationClass>();
  const sites = new Set<string>();
  for (const change of changes.filter(({ gained }) => gained.some((flag) => flags.includes(flag)))) {
    if (change.class !== undefined) classes.add(change.class);
    else if (change.function !== undefined) sites.add(change.function);
  }
  return { skippedClasses: [...classes], skippedSites: [...sites] };
}

/** Reads the C of a series, and what it does to masks. */
export function understand(
  version: SeriesVersion,
  applied: AppliedSeries,
  given: { readonly base?: Base | undefined; readonly tree?: KernelTree | undefined } = {},
): Understood {
  const files = applied.files.map(filePieces);
  const shown = shownBase(files);
  const base = shown ?? given.base ?? DEFAULT_BASE;
  const names = namesOfSeries(files, base);
  const newlyDefined = newFlags({ files });
  const changes = files.flatMap((file) => flagChanges(file, names));
  return {
    version,
    files,
    applied,
    names,
    changes,
    newFlags: newlyDefined,
    ...skippedIn(newlyDefined, changes),
    base,
    baseIsShown: shown !== undefined,
    tree: given.tree,
    text: authorsText(version),
  };
}

/** The pieces of a file after the series; none for a file that it does not touch. */
export const piecesAfter = ({ files }: Pick<Understood, 'files'>, path: string): readonly Piece[] =>
  files.find((file) => file.path === path)?.after ?? [];

/** Every piece after the series. */
export const allAfter = ({ files }: Pick<Understood, 'files'>): readonly Piece[] => files.flatMap(({ after }) => after);

/** The files of the tree that have a name in them and that the series leaves alone, read. */
export function piecesOfTree({ tree, files }: Pick<Understood, 'tree' | 'files'>, name: string): readonly Piece[] {
  if (tree === undefined) return [];
  const touched = new Set(files.flatMap(({ before, after }) => [...before, ...after]).map(({ path }) => path));
  return tree
    .filesWith(name)
    .filter((path) => !touched.has(path))
    .flatMap((path) => wholeFile(path, tree.read(path)));
}
