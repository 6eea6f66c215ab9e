import { describe, expect, test } from 'vitest';
import { applicableProfiles } from '../cost/applicable.ts';
import { builtInProfile } from '../cost/profiles.ts';
import { series2026 } from '../cost/series-2026.ts';
import { cpuTimeOf, shareOfCpuTime } from './cpu-time.ts';

describe('the CPU time of a trace', () => {
  test('is what its CPUs had from the first to the last event', () => {
    expect(cpuTimeOf(2, 0.5, 'nanoseconds')).toEqual({
      nanoseconds: 1e9,
      basis: 'cpus-times-span',
      cpus: 2,
      seconds: 0.5,
    });
  });

  test('is not known by a clock that counts ticks: nobody says how long they are', () => {
    expect(cpuTimeOf(2, 0.5, 'ticks')).toBeNull();
  });

  test('is not known of a single moment', () => {
    expect(cpuTimeOf(2, 0, 'nanoseconds')).toBeNull();
    expect(cpuTimeOf(0, 1, 'nanoseconds')).toBeNull();
  });

  test('is shared by what all profiles span, though their intervals do not meet', () => {
    const hundredMicroseconds = { nanoseconds: 100_000, basis: 'cpus-times-span', cpus: 1, seconds: 1e-4 } as const;
    const times = [
      { low: 1000, best: 2000, high: 3000 },
      { low: 10_000, best: 11_000, high: 20_000 },
    ];
    expect(shareOfCpuTime(times, hundredMicroseconds)).toEqual({ low: 0.01, high: 0.2 });
  });

  test('has no share where tags take more than there was: no part is larger than the whole', () => {
    const oneMicrosecond = { nanoseconds: 1000, basis: 'cpus-times-span', cpus: 1, seconds: 1e-6 } as const;
    expect(shareOfCpuTime([{ low: 19, best: 1000, high: 1000 }], oneMicrosecond)).toEqual({ low: 0.019, high: 1 });
    expect(shareOfCpuTime([{ low: 19, best: 1000, high: 1001 }], oneMicrosecond)).toBeNull();
  });
});

describe('the profiles that apply', () => {
  const names = (chosen = series2026(), cpu = 'cortex-a710'): readonly string[] =>
    applicableProfiles(chosen, { name: cpu }).map(({ name }) => name);

  // LLVM has no model of cortex-a710; its kind is neoverse-n2's (src/cost/issue-rates.ts).
  test('are the fitted one and the issue rates of the CPU', () => {
    expect(names()).toEqual(['series-2026', 'issue-neoverse-n2']);
    expect(names(series2026(), 'cortex-a710 (DC blocks of 128 bytes)')).toEqual(['series-2026', 'issue-neoverse-n2']);
  });

  test('are the fitted one alone where no rates are known', () => {
    expect(names(series2026(), 'max')).toEqual(['series-2026']);
  });

  test('have the chosen one in front, once', () => {
    const chosen = builtInProfile('issue-neoverse-v2', 'cortex-a710') ?? series2026();
    expect(names(chosen)).toEqual(['issue-neoverse-v2', 'issue-neoverse-n2', 'series-2026']);
  });

  test('are only what was measured where something was: it is of that machine', () => {
    expect(names({ ...series2026(), name: 'machine.json', provenance: 'measured' })).toEqual(['machine.json']);
  });
});
