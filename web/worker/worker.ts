import type { Ask, Say } from './messages.ts';
import { serve } from './serve.ts';

const asked = serve({
  // A worker has one at the other end, and no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  tell: (message: Say) => self.postMessage(message),
});
self.addEventListener('message', (event: MessageEvent<Ask>) => asked(event.data));
