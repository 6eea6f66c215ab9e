import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files by path; their bytes as ISO-8859-1. */
export type Tree = Readonly<Record<string, string>>;

const SETTINGS = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ann Author',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_AUTHOR_DATE: '2026-03-19T10:00:00+0000',
  GIT_COMMITTER_NAME: 'Cor Committer',
  GIT_COMMITTER_EMAIL: 'cor@example.org',
  GIT_COMMITTER_DATE: '2026-03-19T10:00:00+0000',
};

/** Whether there is a git to compare with. */
export const hasGit = spawnSync('git', ['--version']).status === 0;

/** A repository in a temporary folder, for comparing with what git does. */
export class GitRepository implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tagscope-git-'));

  constructor(tree: Tree) {
    this.git(['init', '-q']);
    this.commit(tree, 'base');
  }

  /** What git prints. */
  git(args: readonly string[], input?: Uint8Array): string {
    const run = spawnSync('git', [...args], {
      cwd: this.#folder,
      env: { PATH: process.env['PATH'], HOME: this.#folder, ...SETTINGS },
      encoding: 'latin1',
      ...(input === undefined ? {} : { input }),
    });
    if (run.status !== 0) throw new Error(`git ${args.join(' ')}: ${run.stderr}${run.stdout}`);
    return run.stdout;
  }

  /** Makes the working tree `tree` and commits it. `modes` gives files other modes than 644. */
  commit(tree: Tree, message: string, modes: Readonly<Record<string, number>> = {}): void {
    if (this.git(['ls-files']) !== '') this.git(['rm', '-rqf', '.']);
    for (const [path, content] of Object.entries(tree)) {
      mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
      writeFileSync(join(this.#folder, path), content, 'latin1');
      chmodSync(join(this.#folder, path), modes[path] ?? 0o644);
    }
    this.git(['add', '-A', '-f', '.']);
    this.git(['commit', '-q', '--allow-empty', '--no-verify', '-m', message]);
  }

  /** The last `count` commits as a mailbox. */
  formatPatch(count: number, ...options: readonly string[]): Uint8Array {
    return Uint8Array.from(Buffer.from(this.git(['format-patch', '--stdout', `-${count}`, ...options]), 'latin1'));
  }

  /** Goes back to the first commit. */
  reset(): void {
    this.git(['checkout', '-q', '-f', this.git(['rev-list', '--max-parents=0', 'HEAD']).trim()]);
  }

  /** The files as `git am` of a mailbox leaves them. */
  am(mailbox: Uint8Array, ...options: readonly string[]): Tree {
    this.git(['am', '-q', ...options], mailbox);
    return this.tree();
  }

  /** The files of the working tree. */
  tree(): Tree {
    const paths = this.git(['ls-files', '-z'])
      .split('\0')
      .filter((path) => path !== '');
    return Object.fromEntries(
      paths.map((path) => [path, readFileSync(join(this.#folder, Buffer.from(path, 'latin1').toString()), 'latin1')]),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
