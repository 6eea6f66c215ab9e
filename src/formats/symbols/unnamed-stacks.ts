/** What to say of events whose stacks are addresses for which there are no symbols. */
export const unnamedStacksWarning = (events: number): string =>
  `${events} ${events === 1 ? 'event has a callchain' : 'events have callchains'} without a single name, for want of the kernel's symbols: give them with --symbols, or nothing is known of call sites of pages`;
