import type { GroupedBy } from './text-options.ts';

/** What groups are called: one of them, over a table, and several in a sentence. */
export const GROUP_NAMES: {
  readonly [By in Exclude<GroupedBy, 'stack'>]: {
    readonly title: string;
    readonly column: string;
    readonly many: string;
  };
} = {
  comm: { title: 'By command', column: 'command', many: 'commands' },
  pid: { title: 'By task', column: 'task', many: 'tasks' },
  cache: { title: 'By slab cache', column: 'cache', many: 'caches' },
  order: { title: 'By order of pages', column: 'order', many: 'orders' },
};
