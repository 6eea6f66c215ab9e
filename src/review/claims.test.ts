import { describe, expect, test } from 'vitest';
import { NOTHING_LOST, onePatch, reviewed } from './reviewed.testdata.ts';

const GATHER =
  'static bool tlb_next_batch(struct mmu_gather *tlb)\n{\n\tbatch = (void *)__get_free_page(GFP_NOWAIT);\n}\n';
const TABLES = '#define GFP_PGTABLE_KERNEL (GFP_KERNEL | __GFP_ZERO)\n';
const LOST = { ...NOTHING_LOST, lost: [{ class: 'mmu-gather', bug: 'use after free', before: 1, after: 0 }] };

/** Verdicts of one kind on a message, for a series that skips tags of page tables. */
async function verdicts(
  kind: string,
  message: string,
  audited = NOTHING_LOST,
): Promise<readonly (readonly [string, string])[]> {
  const series = onePatch(
    'include/asm-generic/pgalloc.h',
    TABLES,
    [['__GFP_ZERO)', '__GFP_ZERO | __GFP_SKIP_KASAN)']],
    { message },
  );
  const { claims } = await reviewed(series, { audited });
  return claims.filter((claim) => claim.kind === kind).map(({ verdict, is }) => [verdict, is]);
}

const only = async (...of: Parameters<typeof verdicts>): Promise<readonly string[]> =>
  (await verdicts(...of)).map(([verdict]) => verdict);

describe('percentages', () => {
  // Each by hand: 2.575 to 2.229 is 13.437 % less time, or 15.52 % more done in the same.
  test.each([
    ['It goes from 2.575 s to 2.229 s (13.4 %).', 'confirmed'],
    ['2.575s -> 2.229s, 15.5% more threads in the same time', 'confirmed'],
    ['2.575 s → 2.229 s (~13% faster)', 'confirmed'],
    ['2.575 s -> 2.229 s (20 % faster)', 'refuted'],
    ['Before: 100 ms, after: 50 ms (50 % less).', 'confirmed'],
    ['Before: 100 ms, after: 50 ms (100 % faster).', 'confirmed'],
    ['Before: 100 ms, after: 50 ms (30 % less).', 'refuted'],
    ['8 -> 10 instructions (25 % more)', 'confirmed'],
  ])('%s %s', async (text, verdict) => {
    expect(await only('percentage', text)).toEqual([verdict]);
  });

  test.each(['Saves 13.4 % of the time.', 'On 4 of 100 % idle CPUs.', '6.12 to 7.3 kernels, 10 % of them'])(
    '%s has no figures that it could be of, or none that differ',
    async (text) => {
      const found = await only('percentage', text);
      expect(found.filter((verdict) => verdict === 'confirmed')).toEqual([]);
    },
  );
});

describe('tag instructions of a page', () => {
  // A page of 4 KiB is 4 STG and 63 DC GVA with blocks of 64 bytes, 8 and 31 with 128, 32 and 7 with 512; a page of 16 KiB is 1,024 granules.
  test.each([
    ['256 tag setting instructions per 4k page', 'confirmed', 'As granules.'],
    ['67 tag instructions per page', 'confirmed', 'blocks of 64 bytes'],
    ['39 tag-setting instructions for each 4 kB page', 'confirmed', 'blocks of 128 or 512 bytes'],
    ['1024 tag setting instructions per 16k page', 'confirmed', 'As granules.'],
    ['128 tag setting instructions per 4k page', 'refuted', '256 granules'],
  ])('%s', async (text, verdict, says) => {
    const found = await verdicts('tag-instructions-per-page', `This saves ${text}.`);
    expect(found.map(([is]) => is)).toEqual([verdict]);
    expect(found[0]?.[1]).toContain(says);
  });
});

describe('coverage', () => {
  test('is decided by the audit', async () => {
    expect(await only('coverage-unchanged', 'Detection coverage is unchanged.')).toEqual(['confirmed']);
    expect(await only('coverage-unchanged', 'This does not reduce the coverage.')).toEqual(['confirmed']);
    const [found] = await verdicts('coverage-unchanged', 'No detection is lost: coverage is not reduced.', LOST);
    expect(found?.[0]).toBe('refuted');
    expect(found?.[1]).toContain('use after free in mmu-gather: 100 % before, 0 % after');
  });

  test('quotes and other sentences claim nothing', async () => {
    expect(await only('coverage-unchanged', '> Coverage is unchanged.\n\nI doubt that.')).toEqual([]);
    expect(await only('coverage-unchanged', 'The coverage of the tests grows.')).toEqual([]);
  });

  test('match-all pointers are those of the audit’s routes', async () => {
    expect(await only('match-all-only', 'Tables are only reached through match-all pointers.')).toEqual(['confirmed']);
    const { claims } = await reviewed(
      onePatch('mm/mmu_gather.c', GATHER, [['GFP_NOWAIT', 'GFP_NOWAIT | __GFP_SKIP_KASAN']], {
        message: 'Batches are only accessed through match-all pointers, so no tags are needed.',
      }),
    );
    expect(claims.find(({ kind }) => kind === 'match-all-only')?.verdict).toBe('refuted');
  });
});

test('a percentage in brackets is quoted with them', async () => {
  const { claims } = await reviewed(
    onePatch('mm/mmu_gather.c', GATHER, [['GFP_NOWAIT', 'GFP_NOWAIT | __GFP_SKIP_KASAN']], {
      message: 'It takes 2.575 s -> 2.229 s (13.4 % faster) here.',
    }),
  );
  expect(claims.find(({ kind }) => kind === 'percentage')?.text).toBe('2.575 s -> 2.229 s (13.4 % faster)');
});

test('what the audit does not have leaves the claim of coverage open', async () => {
  const audited = { ...NOTHING_LOST, notAudited: ['make_buffer()'] };
  expect((await verdicts('coverage-unchanged', 'Coverage is unchanged.', audited)).map(([verdict]) => verdict)).toEqual(
    ['not decidable'],
  );
});

describe('what changes for whom', () => {
  test('other modes', async () => {
    expect(await only('other-modes-unchanged', 'The software modes are unchanged.')).toEqual(['confirmed']);
    const { claims } = await reviewed(
      onePatch(
        'mm/reuse.c',
        'static void reuse(void *addr)\n{\n\tkasan_unpoison_range(addr, size);\n}\n',
        [['\tkasan_unpoison_range', '\tif (kasan_hw_tags_enabled())\n\t\tkasan_unpoison_range']],
        { message: 'No functional change for generic KASAN.' },
      ),
    );
    expect(claims.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      // "For generic KASAN" makes it a claim on other modes, and not on all that the patch does.
      ['other-modes-unchanged', 'refuted'],
    ]);
  });

  test('no functional change for some is not said of all', async () => {
    expect(await only('no-functional-change', 'No functional change for SW_TAGS.')).toEqual([]);
    expect(await only('no-functional-change', 'No functional change intended with KASAN disabled.')).toEqual([]);
    expect(await only('no-functional-change', 'There is no functional change intended.')).toEqual(['refuted']);
  });

  test('no functional change', async () => {
    const message = 'Say the same by another name. No functional change.';
    const renamed = onePatch(
      'include/asm-generic/pgalloc.h',
      TABLES,
      [['GFP_KERNEL | __GFP_ZERO', '__GFP_RECLAIM | __GFP_IO | __GFP_FS | __GFP_ZERO']],
      { message, subject: 'kasan: spell a mask out' },
    );
    expect((await reviewed(renamed)).claims.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['no-functional-change', 'confirmed'],
    ]);
    expect(await only('no-functional-change', message)).toEqual(['refuted']);
  });

  test('zeroing, tagging, users, both ends', async () => {
    expect(await only('zeroed-as-before', 'The pages are still zeroed.')).toEqual(['confirmed']);
    expect(await only('not-tagged-any-more', 'Tables are no longer tagged.')).toEqual(['confirmed']);
    expect(await only('at-alloc-and-free', 'It saves work at allocation and at free.')).toEqual(['confirmed']);
    expect(await only('all-users-covered', 'This covers all page tables.')).toEqual(['confirmed']);
  });

  test.each([
    'Areas that only match-all pointers reach, such as kernel stacks, need no tags.',
    'Not all users of the mask are page tables.',
    'Every access to a stack goes unchecked.',
  ])('says of no users that they are covered: %s', async (sentence) => {
    expect(await only('all-users-covered', sentence)).toEqual([]);
  });
});
