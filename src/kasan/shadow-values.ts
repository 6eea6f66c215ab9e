/** Shadow values of generic KASAN (mm/kasan/kasan.h, 7.3). 0 to 7 are bytes that may be accessed. */
export const SHADOW = {
  pageFree: 0xff,
  pageRedzone: 0xfe,
  slabRedzone: 0xfc,
  slabFree: 0xfb,
  slabFreeMeta: 0xfa,
  globalRedzone: 0xf9,
  vmallocInvalid: 0xf8,
  stackLeft: 0xf1,
  stackMid: 0xf2,
  stackRight: 0xf3,
  stackPartial: 0xf4,
  allocaLeft: 0xca,
  allocaRight: 0xcb,
} as const;
