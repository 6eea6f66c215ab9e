import { expect } from 'vitest';
import type { AppliedSeries, FileState } from './apply-series.ts';
import type { Tree } from './git-repository.testdata.ts';

/** The content of a file that is known whole. */
export function contentOf({ fragments, whole }: FileState): string {
  expect(whole).toBe(true);
  return fragments
    .flatMap(({ lines }) => lines.map(({ text, noNewline }) => (noNewline ? text : `${text}\n`)))
    .join('');
}

/** A tree after a series: what it touches as it leaves it, the rest as it was. */
export function treeAfter(tree: Tree, { files }: AppliedSeries): Tree {
  const result: Record<string, string> = { ...tree };
  for (const { before } of files) if (before !== undefined) delete result[before.path];
  for (const { after } of files) if (after !== undefined) result[after.path] = contentOf(after);
  return result;
}

/** Each known line of a state is that of the true content. */
export function expectFragmentsOf(state: FileState, content: string): void {
  const lines = content.split('\n');
  for (const { start, lines: known } of state.fragments) {
    expect(
      known.map(({ text }) => text),
      `${state.path} from line ${start}`,
    ).toEqual(lines.slice(start - 1, start - 1 + known.length));
  }
}
