import { className } from '../base/allocation-class.ts';
import type { Ledger } from '../kasan/ledger.ts';
import type { Lifetimes } from '../replay/lifetimes.ts';
import type { SiteLifetimes } from './result.ts';

/** How long things live, by call site and class; sites of which nothing was seen to end are left out. */
export const siteLifetimes = (ledger: Ledger, lifetimes: Lifetimes): readonly SiteLifetimes[] =>
  ledger.countedRows.flatMap((row) => {
    const { site, class: classOf } = ledger.rows[row];
    const lived = lifetimes.ofRow(row);
    return lived === undefined ? [] : [{ site, class: className(classOf), ...lived }];
  });
