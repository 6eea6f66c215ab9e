const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that leaves something unfinished on the disk until it is done; a signal that ends the program meanwhile has
 * it removed first.
 *
 * @param remove takes it away; must not throw
 */
export async function whileUnfinished<Result>(
  remove: () => void,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const end = (signal: NodeJS.Signals): void => {
    remove();
    forget();
    // As if nobody had listened: the shell must see what ended the program.
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, end);
  };
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    return await work();
  } finally {
    forget();
  }
}
