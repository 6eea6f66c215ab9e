import type { Worker } from 'node:worker_threads';

/**
 * Waits for what a worker comes to. The worker may be asked again afterwards.
 *
 * @param name what ends without a result, in the message of the error
 * @param hear gives the result once it is said, and undefined until then
 */
export function workerResult<Message, Result>(
  worker: Worker,
  name: string,
  hear: (message: Message) => Result | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      worker.off('message', listen);
      worker.off('error', fail);
      worker.off('exit', exit);
    };
    const fail = (error: unknown): void => {
      forget();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const exit = (code: number): void => fail(new Error(`${name} ended with ${code} and without a result`));
    const listen = (message: Message): void => {
      const result = hear(message);
      if (result === undefined) return;
      forget();
      resolve(result);
    };
    worker.on('message', listen);
    worker.on('error', fail);
    worker.on('exit', exit);
  });
}
