import { expect, test } from 'vitest';
import { NO_CONTEXTS, type TaskEvent, compileTaskContexts, contextBit } from './task-context.ts';

const next = compileTaskContexts();
const after = (...events: TaskEvent[]): number => events.reduce(next, NO_CONTEXTS);

const taskStruct: TaskEvent = { event: 'kmem_cache_alloc', cache: 'task_struct', callSite: 'copy_process' };
const xarrayNode: TaskEvent = { event: 'kmem_cache_alloc', cache: 'radix_tree_node', callSite: 'xas_alloc' };

test('a fork lasts from the task_struct to task_newtask', () => {
  expect(after(taskStruct, { event: 'kmalloc', callSite: '__get_vm_area_node' })).toBe(contextBit('forking'));
  expect(after(taskStruct, { event: 'task_newtask' })).toBe(NO_CONTEXTS);
});

test('up to 6.12 kmem_cache_alloc does not name the cache', () => {
  expect(after({ event: 'kmem_cache_alloc_node', callSite: 'dup_task_struct' })).toBe(contextBit('forking'));
});

test('file I/O ends with the next slab event of another kind', () => {
  expect(after(xarrayNode)).toBe(contextBit('file-io'));
  expect(after(xarrayNode, { event: 'kmem_cache_alloc', cache: 'anon_vma', callSite: '__anon_vma_prepare' })).toBe(0);
  expect(after(xarrayNode, { event: 'mm_page_free' })).toBe(contextBit('file-io'));
});

test('a name freed by exec is not a file being opened', () => {
  expect(after({ event: 'kmem_cache_free', cache: 'names_cache', callSite: 'putname' })).toBe(contextBit('file-io'));
  expect(after({ event: 'kmem_cache_free', cache: 'names_cache', callSite: 'do_execveat_common' })).toBe(0);
});

test('an event that names nothing enters nothing', () => {
  expect(after({ event: 'kmem_cache_alloc' })).toBe(NO_CONTEXTS);
});
