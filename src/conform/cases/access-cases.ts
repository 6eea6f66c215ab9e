import { isAtLeast } from '../../base/kernel-version.ts';
import { SHADOW } from '../../kasan/shadow-values.ts';
import { offsetBy, type Pointer } from '../../mte/pointer.ts';
import type { Access } from '../../mte/tag-check.ts';
import type { Expectations, KunitCase } from '../kunit-case.ts';
import type { TestKernel } from '../test-kernel.ts';

const GLOBAL = [SHADOW.globalRedzone, SHADOW.globalRedzone] as const;
const STACK = [SHADOW.stackLeft, SHADOW.stackRight] as const;
const ALLOCA = [SHADOW.allocaLeft, SHADOW.allocaRight] as const;

/** Cases that need what only some compilers instrument. Where they run, they do in generic KASAN. */
const instrumentedOnly = (
  name: string,
  requires: NonNullable<KunitCase['requires']>,
  offset: number,
  [left, right]: readonly [left: number, right: number],
): KunitCase => ({
  name,
  requires,
  run(k, t) {
    const p = k.instrumentedVariable(10, left, right);
    t.fail(`read array[${offset}]`, () => k.read(offsetBy(p, offset)));
  },
});

/** How an operation on one word touches memory: arm64's with LSE atomics and LL/SC alike begin with a read. */
const WORD = 8;

interface Operation {
  readonly name: string;
  readonly access: Access;
  /** Not run with kasan.write_only: it may end without a store. */
  readonly mayNotStore?: boolean;
}

const operations = (access: Access, ...names: readonly string[]): Operation[] =>
  names.map((name) => ({ name, access }));

const BIT_MODIFY = operations(
  'atomic',
  'set_bit',
  '__set_bit',
  'clear_bit',
  '__clear_bit',
  'clear_bit_unlock',
  '__clear_bit_unlock',
  'change_bit',
  '__change_bit',
);

const BIT_TEST_AND_MODIFY: readonly Operation[] = [
  ...operations('atomic', 'test_and_set_bit', '__test_and_set_bit'),
  { name: 'test_and_set_bit_lock', access: 'atomic', mayNotStore: true },
  ...operations('atomic', 'test_and_clear_bit', '__test_and_clear_bit', 'test_and_change_bit', '__test_and_change_bit'),
  ...operations('read', 'test_bit'),
];

/** Of atomic_t and of atomic_long_t. The kernel compares and swaps with CAS, and reads `old` of try_cmpxchg plainly. */
const ATOMIC_OPERATIONS: readonly Operation[] = [
  ...operations('read', 'read'),
  ...operations('write', 'set'),
  ...operations('atomic', 'add', 'sub', 'inc', 'dec', 'and', 'andnot', 'or', 'xor', 'xchg'),
  ...operations('compare-and-swap', 'cmpxchg', 'try_cmpxchg'),
  { name: 'try_cmpxchg with unsafe old', access: 'read', mayNotStore: true },
  ...operations('atomic', 'sub_and_test', 'dec_and_test', 'inc_and_test', 'add_negative'),
  ...['add_unless', 'inc_not_zero', 'inc_unless_negative', 'dec_unless_positive', 'dec_if_positive'].map(
    (name): Operation => ({ name, access: 'read', mayNotStore: true }),
  ),
];

const PLAIN_ATOMICS: readonly Operation[] = [
  ...operations('read', 'READ_ONCE'),
  ...operations('write', 'WRITE_ONCE'),
  ...operations('read', 'smp_load_acquire'),
  ...operations('write', 'smp_store_release'),
];

function runOperations(k: TestKernel, t: Expectations, p: Pointer, size: number, all: readonly Operation[]): void {
  for (const { name, access, mayNotStore = false } of all) {
    if (k.writeOnly && mayNotStore) continue;
    const step = access === 'read' && !mayNotStore ? t.failRead : t.fail;
    step(name, () => k.access(p, size, access));
  }
}

function bitops(k: TestKernel, t: Expectations, p: Pointer, modify: number, test: number): void {
  const word = (bit: number): Pointer => offsetBy(p, Math.floor(bit / 64) * WORD);
  k.inside('kasan_bitops_modify', () => runOperations(k, t, word(modify), WORD, BIT_MODIFY));
  k.inside('kasan_bitops_test_and_modify', () => runOperations(k, t, word(test), WORD, BIT_TEST_AND_MODIFY));
}

export const INSTRUMENTED_CASES: readonly KunitCase[] = [
  instrumentedOnly('kasan_global_oob_right', [['KASAN_GENERIC', 'y']], 13, GLOBAL),
  instrumentedOnly(
    'kasan_global_oob_left',
    [
      ['CC_IS_CLANG', 'y'],
      ['KASAN_GENERIC', 'y'],
    ],
    -3,
    GLOBAL,
  ),
  {
    name: 'kasan_stack_oob',
    requires: [['KASAN_STACK', 'y']],
    run(k, t) {
      const p = k.instrumentedVariable(10, ...STACK);
      t.fail('read stack_array[sizeof + OOB_TAG_OFF]', () => k.read(offsetBy(p, 10 + k.oobTagOff)));
    },
  },
  instrumentedOnly(
    'kasan_alloca_oob_left',
    [
      ['KASAN_GENERIC', 'y'],
      ['KASAN_STACK', 'y'],
    ],
    -1,
    ALLOCA,
  ),
  instrumentedOnly(
    'kasan_alloca_oob_right',
    [
      ['KASAN_GENERIC', 'y'],
      ['KASAN_STACK', 'y'],
    ],
    10,
    ALLOCA,
  ),
];

/** kasan_strings tries strscpy too. 6.12 does not, and 7.3 does. */
const STRSCPY_TESTED = { major: 6, minor: 16 };

function strscpySteps(k: TestKernel, t: Expectations): void {
  const source = k.kmalloc(k.granule);
  // The string ends with the object: the last word that is read of it goes beyond, and that is no bug.
  t.expect('strscpy from inside the object succeeds', k.strscpy(offsetBy(source, 1), k.granule - 2));
  const beyond = offsetBy(source, k.granule);
  t.failRead('strscpy from behind the object', () => k.strscpy(beyond, 1), beyond);
  k.kfree(source);
}

/** Bytes of the memchr and memcmp tests: OOB_TAG_OFF more than 24, rounded to granules where there are tags. */
const stringSize = (k: TestKernel): number => (k.oobTagOff > 0 ? Math.ceil(24 / k.oobTagOff) * k.oobTagOff : 24);

export const STRING_CASES: readonly KunitCase[] = [
  {
    name: 'kasan_memchr',
    requires: [['AMD_MEM_ENCRYPT', 'n']],
    run(k, t) {
      const size = stringSize(k);
      const p = k.kmalloc(size);
      t.failRead('memchr(p, "1", size + 1)', () => k.scan('memchr', p, size + 1), offsetBy(p, size));
      k.kfree(p);
    },
  },
  {
    name: 'kasan_memcmp',
    requires: [['AMD_MEM_ENCRYPT', 'n']],
    run(k, t) {
      const size = stringSize(k);
      const p = k.kmalloc(size);
      t.failRead('memcmp(p, array, size + 1)', () => k.scan('memcmp', p, size + 1), offsetBy(p, size));
      k.kfree(p);
    },
  },
  {
    name: 'kasan_strings',
    requires: [['AMD_MEM_ENCRYPT', 'n']],
    run(k, t) {
      const p = k.kmalloc(24);
      if (isAtLeast(k.config.version, STRSCPY_TESTED)) strscpySteps(k, t);
      k.kfree(p);
      const freed = offsetBy(p, 16);
      for (const name of ['strchr', 'strrchr', 'strcmp', 'strncmp', 'strlen', 'strnlen']) {
        t.failRead(`${name} of a freed object`, () => k.scan(name, freed, 1));
      }
    },
  },
  {
    name: 'kasan_bitops_generic',
    requires: [['KASAN_GENERIC', 'y']],
    run(k, t) {
      const p = k.kmalloc(9, { zero: true });
      bitops(k, t, p, 64, 72);
      k.kfree(p);
    },
  },
  {
    name: 'kasan_bitops_tags',
    requires: [['KASAN_GENERIC', 'n']],
    run(k, t) {
      const p = k.kmalloc(48, { zero: true });
      bitops(k, t, offsetBy(p, 48), 64, 72);
      k.kfree(p);
    },
  },
  {
    name: 'kasan_atomics',
    slow: true,
    run(k, t) {
      const p = k.kmalloc(48, { zero: true });
      const other = k.kmalloc(8, { zero: true });
      k.inside('kasan_atomics_helper', () => {
        const unsafe = offsetBy(p, 48);
        runOperations(k, t, unsafe, 4, PLAIN_ATOMICS);
        runOperations(k, t, unsafe, 4, ATOMIC_OPERATIONS);
        runOperations(k, t, unsafe, WORD, ATOMIC_OPERATIONS);
      });
      k.kfree(p);
      k.kfree(other);
    },
  },
];

/** How copies between kernel and user memory touch the kernel's side. */
const USER_COPIES: readonly { readonly name: string; readonly function: string; readonly kind: 'read' | 'write' }[] = [
  { name: 'copy_from_user', function: '__arch_copy_from_user', kind: 'write' },
  { name: 'copy_to_user', function: '__arch_copy_to_user', kind: 'read' },
  { name: '__copy_from_user', function: '__arch_copy_from_user', kind: 'write' },
  { name: '__copy_to_user', function: '__arch_copy_to_user', kind: 'read' },
  { name: '__copy_from_user_inatomic', function: '__arch_copy_from_user', kind: 'write' },
  { name: '__copy_to_user_inatomic', function: '__arch_copy_to_user', kind: 'read' },
];

export const USER_CASES: readonly KunitCase[] = [
  {
    name: 'copy_to_kernel_nofault_oob',
    since: { major: 6, minor: 13 },
    requires: [['KASAN_HW_TAGS', 'n']],
    run(k, t) {
      const size = 128;
      const p = k.kmalloc(size - k.granule);
      // The copy itself is not instrumented; it says what it is going to touch.
      t.fail('copy_to_kernel_nofault from the object', () => k.checkRange('copy_to_kernel_nofault', p, size, 'read'));
      t.fail('copy_to_kernel_nofault to the object', () => k.checkRange('copy_to_kernel_nofault', p, size, 'write'));
      k.kfree(p);
    },
  },
  {
    name: 'rust_uaf',
    requires: [['RUST', 'y']],
    run(k, t) {
      const p = k.kmalloc(4096);
      k.kfree(p);
      // Declared as a failure of any kind, though it only reads: with kasan.write_only nothing is reported.
      t.fail('read v[2048] after drop', () => k.read(offsetBy(p, 2048)));
    },
  },
  {
    name: 'copy_user_test_oob',
    since: { major: 6, minor: 13 },
    run(k, t) {
      const size = 128 - k.granule;
      const p = k.kmalloc(size);
      for (const copy of USER_COPIES) {
        const step = copy.kind === 'read' ? t.failRead : t.fail;
        step(`${copy.name} of size + 1`, () => k.copyUser(copy.function, p, size + 1, copy.kind));
      }
      k.copyUser('__arch_copy_to_user', p, size, 'read');
      t.fail('strncpy_from_user of size + 1', () => k.copyUser('strncpy_from_user', p, size + 1, 'write'));
      k.kfree(p);
    },
  },
];
