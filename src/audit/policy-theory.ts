import { GFP_SKIP_KASAN, gfpHasAll } from '../gfp/flags.ts';
import { changesIn } from '../kasan/kasan.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { PolicySites } from '../workload/policy-sites.ts';
import type { Bug } from './bug.ts';
import { SUBJECTS, type Subject } from './subject.ts';
import type { Facts, Theory } from './theory.ts';

/** A kernel and the policy that it tags by. */
export interface AuditedKernel {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly policy: Policy;
}

/**
 * What the rules say of a bug in a kind of memory under a policy, without trials. The subject need not be one of SUBJECTS.
 *
 * @throws UsageError if the policy names flags that Linux 7.3 does not have
 */
export function theoryUnder(kernel: AuditedKernel, subject: Subject, bug: Bug, access: Facts['kind']): Theory {
  const isTagged = taggedBy(kernel);
  return bug.theory(
    {
      build: kernel.config.build,
      // With kasan.vmalloc=off areas are mapped untagged, and their pointers match all.
      tagged: isTagged(subject) && !(subject.allocator === 'vmalloc' && hasNoVmalloc(kernel)),
      kind: access,
      config: kernel.config,
      subject,
      ...taggingOf(kernel, subject),
    },
    (classOf) => isTagged(SUBJECTS.find((other) => other.class === classOf) ?? subject),
  );
}

/** Whether a policy lets memory be tagged. The software builds have no flag to skip by. */
function taggedBy({ config, policy, cpu }: AuditedKernel): (subject: Subject) => boolean {
  const sites = new PolicySites(policy, new Ledger(new CountingMachine(cpu)));
  return (subject) => {
    if (config.build !== 'hw-tags') return true;
    const site = sites.resolve({ class: subject.class, site: 'audit', frames: ['audit'], gfp: subject.gfp });
    return subject.allocator === 'slab' ? !site.skipped : !gfpHasAll(site.gfp, GFP_SKIP_KASAN);
  };
}

/** kasan.vmalloc=off, which only hardware tags have. */
const hasNoVmalloc = ({ config }: AuditedKernel): boolean => config.build === 'hw-tags' && !config.vmalloc;

/** How its kernel tags a subject's memory, beside whether it does. */
export function taggingOf({ config, policy }: AuditedKernel, subject: Subject): Pick<Facts, 'changes' | 'sampledOf'> {
  const changes = changesIn(config, kasanChanges(policy));
  const { every, order } = changes.sample ?? { every: config.pageAllocSample, order: config.pageAllocSampleOrder };
  const isSampled =
    config.build === 'hw-tags' &&
    (subject.allocator === 'page' || subject.allocator === 'kmalloc-large') &&
    Math.log2(subject.slot / config.pageSize) >= order;
  return { changes, sampledOf: isSampled ? every : 1 };
}
