/**
 * The last handler: no input and no rejected promise ends the process. A promise that nobody caught is logged and told
 * on /readyz, and the process goes on; after an exception that nobody caught it may be half-way through something, so
 * it hands its work on and ends.
 */
import type { Logger } from 'pino';

export interface LastHandler {
  /** For `/readyz`, without what the error says: that is in the log. Null: none within the last hour. */
  problem(): string | null;
  close(): void;
}

const TOLD_MS = 3_600_000;

/** `end`: hands the process's work on, then ends it. */
export function openLastHandler(log: Logger, end: () => void): LastHandler {
  let last: { readonly at: number; readonly iso: string } | null = null;
  const note = (): void => {
    last = { at: performance.now(), iso: new Date().toISOString() };
  };
  const onRejection = (error: unknown): void => {
    note();
    log.error({ err: error }, 'a promise was rejected and nobody caught it; the process goes on');
  };
  const onException = (error: unknown): void => {
    note();
    log.fatal({ err: error }, 'an exception that nobody caught; the process hands its work on and ends');
    end();
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    problem: () =>
      last === null || performance.now() - last.at > TOLD_MS
        ? null
        : `an error that nobody caught, at ${last.iso}: see the log`,
    close() {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}
