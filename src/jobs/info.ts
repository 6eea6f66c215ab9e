import type { OpenedTrace } from '../open/opened-trace.ts';
import { describe, INFO_VERSION, type InfoResult, type InfosResult } from '../result/info.ts';

/** What is in traces: of each its format, kernel, clock, events, losses and what is missing. @param version of tagscope */
export const infoOf = (traces: readonly OpenedTrace[], version: string): InfosResult =>
  infosResult(traces.map(({ table, source }) => describe(table, source, version)));

/** What was found in single traces, as one result. */
export const infosResult = (infos: readonly InfoResult[]): InfosResult => ({
  schema: 'tagscope.infos',
  version: INFO_VERSION,
  infos,
});
