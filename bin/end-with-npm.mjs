// Under npm the parent is the shell of its script, which passes no signal on: its end is the only sign of npm's.

const POLL_MS = 300;

/** Calls `stop` once when npm (its shell) is gone. Does nothing when it wasn't npm that began this. */
export function whenNpmEnds(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, POLL_MS);
  watch.unref();
}
