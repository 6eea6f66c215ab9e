import { kernelVersion, type KernelVersion, type VersionSource } from '../base/kernel-version.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import { pageSizeName } from '../kasan/page-sizes.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import type { Selection } from '../replay/selection.ts';
import { assumedVersion } from '../replay/version-by-form.ts';
import type { EventTable } from '../trace/event-table.ts';

/** How a trace is replayed, whatever the policy. */
export interface ReplaySettings {
  /** The kernel whose work is computed. */
  readonly config: KernelConfig;
  /** Whether its page size was asked for; if not, that of the recording holds. */
  readonly pageSizeFrom: 'given' | 'assumed';
  readonly cpu: CpuProfile;
  readonly recordedBy: KernelVersion;
  readonly versionFrom: VersionSource;
  /** Whose allocations are counted; undefined: all. */
  readonly selection: Selection | undefined;
  /** Kernel parameters as given. */
  readonly cmdline: string;
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** Boot parameters that the kernel itself would reject or reset. */
  readonly warnings: readonly string[];
}

/** The settings for one trace: what the trace says of the kernel that recorded it holds where nobody else said it. */
export function settingsFor<Settings extends ReplaySettings>(settings: Settings, table: EventTable): Settings {
  const { kernelRelease, pageSize, warnings } = table.recording;
  const told = settings.versionFrom === 'given' ? undefined : kernelVersion(kernelRelease);
  const isKnown = settings.pageSizeFrom === 'assumed' && pageSizeName(pageSize) !== undefined;
  return {
    ...settings,
    ...(told === undefined
      ? { recordedBy: assumedVersion(table, settings) }
      : { recordedBy: told, versionFrom: 'trace' }),
    warnings: [...settings.warnings, ...warnings],
    config: isKnown ? parseBootParameters(settings.cmdline, defaultKernelConfig(pageSize)).config : settings.config,
  };
}
