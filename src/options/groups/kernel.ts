import { versionText } from '../../base/kernel-version.ts';
import { PAGE_SIZE_NAMES } from '../../kasan/page-sizes.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE } from '../../mm/release.ts';
import type { Option } from '../option.ts';

/** Which kernel the executable model is. A log that it is set against may say other values than those of the help. */
export const KERNEL_OPTIONS = [
  {
    name: 'pageSize',
    value: 'size',
    choices: PAGE_SIZE_NAMES,
    otherwise: '4k',
    help: `page size of the kernel: ${PAGE_SIZE_NAMES.join(', ')}`,
    reproduces: true,
  },
  {
    name: 'kernel',
    value: 'x.y',
    otherwise: '7.3',
    help: `release of the kernel: ${versionText(OLDEST_RELEASE)} to ${versionText(NEWEST_RELEASE)}`,
    reproduces: true,
  },
  {
    name: 'config',
    value: 'options',
    help: 'options of its build, such as "SHADOW_CALL_STACK=y ARM64_VA_BITS=52"',
    reproduces: true,
  },
] as const satisfies readonly Option[];
