import { tracepointGroup } from '../../trace/tracepoint-group.ts';
import { EVENT_SPECS } from '../text/event-specs.ts';
import type { NameMeaning } from '../text/event-names.ts';

/**
 * `kmem:kmalloc` is the tracepoint kmalloc. One of another group that bears the name of a kept one, such as
 * `probe:kmalloc`, keeps its group, as events that are no tracepoints keep their whole name.
 */
export const eventName: NameMeaning = (text) => {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text, spec: undefined };
  const name = text.slice(colon + 1);
  const group = tracepointGroup(name);
  if (group === undefined) return { name, spec: undefined };
  return group === text.slice(0, colon) ? { name, spec: EVENT_SPECS.get(name) } : { name: text, spec: undefined };
};
