import type { KasanChanges } from '../base/kasan-changes.ts';
import { Ledger } from '../kasan/ledger.ts';
import type { Site, SiteDescription, SiteTable } from '../mm/site.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import type { CpuProfile } from '../mte/cpu.ts';

/** What trials of one cell gave. */
export interface Tally {
  done: number;
  detected: number;
  byMmu: number;
}

/** What tells that places are one: who allocates what with which mask. */
const keyOf = ({ class: name, site, frames, gfp, comm }: SiteDescription): string =>
  JSON.stringify([name, site, frames, gfp, comm]);

/** The places that allocated in the kernels of some trials, each with what the policy made of it. */
export class UsedPlaces {
  readonly #used = new Map<string, Site>();
  /** Of the kernel that is in use. */
  #ledger: Ledger | undefined;
  #resolved: Site[] = [];

  /** Watches the places of a new kernel. */
  watch(table: SiteTable, ledger: Ledger): SiteTable {
    this.#collect();
    this.#ledger = ledger;
    return {
      resolve: (description) => {
        const site = table.resolve(description);
        this.#resolved.push(site);
        return site;
      },
    };
  }

  #collect(): void {
    for (const site of this.#resolved)
      for (const place of [site, site.slabPages, site.largePages])
        if (place !== undefined && (this.#ledger?.rows[place.row].allocations ?? 0) > 0)
          this.#used.set(keyOf(place.description), place);
    this.#resolved = [];
    this.#ledger = undefined;
  }

  all(): readonly Site[] {
    this.#collect();
    return [...this.#used.values()];
  }
}

/** Trials of all cells of one kind of memory, and the places whose allocations they are made of. */
interface Made {
  readonly changes: KasanChanges;
  readonly used: readonly Site[];
  readonly tallies: readonly Tally[];
}

/**
 * Trials that were made. A policy has a say in them by what it makes of the places that allocate, and by the changes that it
 * makes to KASAN. So under another policy that treats those places alike the same trials would give the same.
 */
export class MadeTrials {
  readonly #made = new Map<string, Made[]>();

  /**
   * @param trials everything that trials depend on beside the policy
   * @param places of the policy
   */
  find(trials: string, changes: KasanChanges, places: SiteTable): readonly Tally[] | undefined {
    return this.#made
      .get(trials)
      ?.find((made) => isSame(made.changes, changes) && made.used.every((place) => isTreatedAs(place, places)))
      ?.tallies;
  }

  add(trials: string, made: Made): void {
    this.#made.set(trials, [...(this.#made.get(trials) ?? []), made]);
  }
}

const isSame = (one: KasanChanges, other: KasanChanges): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Whether a policy makes the same of a place. Where one looks at the order of pages, it is not looked into. */
function isTreatedAs(place: Site, places: SiteTable): boolean {
  const { gfp, skipped, byOrder } = places.resolve(place.description);
  return place.byOrder === undefined && byOrder === undefined && gfp === place.gfp && skipped === place.skipped;
}

/** The places of a policy, for a question about them: no kernel has them. */
export const placesAlone = (sites: (ledger: Ledger) => SiteTable, cpu: CpuProfile): SiteTable =>
  sites(new Ledger(new CountingMachine(cpu)));
