declare const __TAGSCOPE_VERSION__: string;

/** The version of this program; the build puts it there. */
export const VERSION = __TAGSCOPE_VERSION__;
