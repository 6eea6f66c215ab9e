import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InputError, UsageError } from '../../src/base/errors.ts';
import { chunks, mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** What may still be held after many inputs: some inputs and their tables, which are freed in the background. */
const MAX_GROWTH = 256 * 1024 * 1024;
/** How often what is held is measured; that takes a full garbage collection. */
const RUNS_BETWEEN_MEASUREMENTS = 2000;

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  /** An input that takes more processor time is a failure. */
  readonly maxMilliseconds?: number;
  /** Called now and then. */
  readonly report?: (result: FuzzResult) => void;
}

export interface FuzzResult {
  readonly runs: number;
  /** Inputs that were refused with a message. */
  readonly refused: number;
  readonly slowestMilliseconds: number;
  /** Memory held after the inputs, beyond what was held before the first. */
  readonly growthBytes: number;
}

/** A failure, with what is needed to see it again. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';

  constructor(target: FuzzTarget, seed: number, size: number, cause: unknown) {
    const why = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    super(`input of ${size} bytes; again: npm run fuzz -- --reader ${target.name} --runs 1 --seed ${seed}\n${why}`);
  }
}

/** What is held after a full garbage collection. */
async function heldBytes(): Promise<number> {
  // What Node gives up only between two events, such as the state of a decompressor that has failed, is not held.
  await setImmediate();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const isRefusal = (error: unknown): boolean => error instanceof InputError || error instanceof UsageError;

/** Processor time that this process has used, in milliseconds: unlike time by the clock it is not that of others. */
function usedMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Fed {
  readonly refused: boolean;
  readonly milliseconds: number;
}

/** Feeds one mutated input to a target. Nothing but the seed decides what the input is. */
async function once(target: FuzzTarget, seed: number, maxMilliseconds: number): Promise<Fed> {
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  const data = mutate(random.pick(target.corpus), random, random.pick(target.corpus), target.hasOffsets);
  const start = usedMilliseconds();
  let refused = false;
  try {
    const running = target.run(chunks(data, random), data);
    if (running !== undefined) await running;
  } catch (error) {
    if (!isRefusal(error)) throw new FuzzFailure(target, seed, data.length, error);
    refused = true;
  }
  const milliseconds = usedMilliseconds() - start;
  if (milliseconds > maxMilliseconds) {
    throw new FuzzFailure(target, seed, data.length, `it took ${Math.round(milliseconds)} ms`);
  }
  return { refused, milliseconds };
}

/**
 * Feeds mutated inputs to a target. Run n from seed s is the first run from seed s + n, so each can be repeated alone.
 *
 * @throws FuzzFailure at the first input that is not taken as it should be.
 */
export async function fuzz(
  target: FuzzTarget,
  { seed, runs, maxMilliseconds = Infinity, report }: FuzzOptions,
): Promise<FuzzResult> {
  // The first input brings what stays: compiled code, caches.
  await once(target, seed, maxMilliseconds);
  const heldBefore = await heldBytes();
  let result: FuzzResult = { runs: 0, refused: 0, slowestMilliseconds: 0, growthBytes: 0 };
  let refused = 0;
  let slowest = 0;
  let growthBytes = 0;
  let done = 0;
  while (done < runs) {
    const fed = await once(target, seed + done, maxMilliseconds);
    if (fed.refused) refused++;
    slowest = Math.max(slowest, fed.milliseconds);
    done++;
    if (done % RUNS_BETWEEN_MEASUREMENTS === 0 || done === runs) {
      growthBytes = (await heldBytes()) - heldBefore;
      if (growthBytes > MAX_GROWTH) {
        throw new Error(`${target.name}: ${growthBytes} bytes are still held after ${done} inputs from seed ${seed}`);
      }
      result = { runs: done, refused, slowestMilliseconds: Math.round(slowest), growthBytes };
      report?.(result);
    }
  }
  return { ...result, runs: done, refused, slowestMilliseconds: Math.round(slowest) };
}
