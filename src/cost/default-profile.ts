/** The profile that holds if none is named. It stands alone: who needs its name need not load what it is made of. */
export const DEFAULT_PROFILE = 'series-2026';
