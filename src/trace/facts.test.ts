import { describe, expect, test } from 'vitest';
import { traceFacts } from './facts.ts';
import { traceFromText } from './trace-from-text.testdata.ts';

const factsOf = (text: string) => traceFacts(traceFromText(text));
const kmalloc = (ptr: string): string =>
  `kmalloc: call_site=f ptr=${ptr} bytes_req=32 bytes_alloc=32 gfp_flags=GFP_KERNEL`;

describe('whether a HW_TAGS kernel recorded the trace', () => {
  test.each(['__GFP_SKIP_KASAN', '__GFP_SKIP_ZERO'])('%s is printed by no other (traces.md section 2)', (flag) => {
    expect(factsOf(`mm_page_alloc: pfn=0x1 order=0 gfp_flags=GFP_KERNEL|${flag}`).hwTags).toBe(true);
  });

  test('SKIP_KASAN_POISON was in every build from 5.14 to 5.17 and proves nothing', () => {
    expect(factsOf('mm_page_alloc: pfn=0x1 order=0 gfp_flags=GFP_KERNEL|__GFP_SKIP_KASAN_POISON').hwTags).toBe(false);
  });

  test('plain pointers with tags: arm64 linear map f0ff… to fdff… (oracle traces without hashing)', () => {
    expect(factsOf([kmalloc('fdff0000014c2f00'), kmalloc('f5ff000000d6ee40')].join('\n'))).toMatchObject({
      hwTags: true,
      pointers: 'plain',
    });
  });

  test('with 52 address bits the tag stands in bits 59:56 as well (a 16 KiB kernel on a CPU with LPA2)', () => {
    expect(factsOf([kmalloc('fbf0000001a23400'), kmalloc('f2f0000001a23500')].join('\n'))).toMatchObject({
      hwTags: true,
      pointers: 'plain',
    });
    expect(factsOf(kmalloc('fff0000001a23400'))).toMatchObject({ hwTags: false, pointers: 'plain' });
  });

  test('plain pointers without: the linear maps of x86-64, with four and five levels, and of arm64', () => {
    expect(factsOf(kmalloc('ff11000101234500'))).toMatchObject({ hwTags: false, pointers: 'plain' });
    expect(factsOf(kmalloc('ffff88810586ef00'))).toMatchObject({ hwTags: false, pointers: 'plain' });
    expect(factsOf(kmalloc('ffff000001551200'))).toMatchObject({ hwTags: false, pointers: 'plain' });
  });
});

describe('how pointers are printed', () => {
  test('hashed: %p gives 32 bits', () => {
    expect(factsOf([kmalloc('00000000e42d803c'), kmalloc('000000005041efee')].join('\n')).pointers).toBe('hashed');
  });

  test('frees and failed allocations tell nothing', () => {
    const text = ['kfree: call_site=f ptr=0000000000000000', kmalloc('0000000000000000')].join('\n');
    expect(factsOf(text).pointers).toBe('none');
    expect(factsOf('mm_page_free: pfn=0x1 order=0').pointers).toBe('none');
  });
});

test('stacks: whether any event has one', () => {
  expect(factsOf(kmalloc('00000000e42d803c')).stacks).toBe(false);
  expect(factsOf(`${kmalloc('00000000e42d803c')}\n=> f\n=> g`).stacks).toBe(true);
});
