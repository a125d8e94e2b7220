// Loaded before src/main.ts when bin/pageturner.mjs starts it: the two live and end as one process would.
import { constants } from 'node:os';

if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Waiting for that alone keeps nothing alive.
  process.channel.unref();

  // The terminal is closed: a stop as any other.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));

  // Ctrl-C reaches the whole group, and npm and the parent pass it on: what follows the first is its echo, and must
  // not cut short the stop that the first began.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    let begun = false;
    process.on(signal, () => {
      if (begun) return;
      begun = process.listenerCount(signal) > 1;
      if (!begun) process.exit(128 + constants.signals[signal]);
    });
  }
}
