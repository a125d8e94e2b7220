/** The name of a container that another one took the place of: `mari-server-before-20260131T120000Z`. */
const STAMP = /^-before-\d{8}T\d{6}Z$/u;
const ANY = /-before-\d{8}T\d{6}Z$/u;

export const keptName = {
  at: (name: string, time: Date): string =>
    `${name}-before-${time.toISOString().replaceAll(/[-:]|\.\d+/gu, '')}`,
  pattern: (name: string): string => `${name}-before-TIME`,
  isOf: (kept: string, name: string): boolean => kept.startsWith(name) && STAMP.test(kept.slice(name.length)),
  isAny: (kept: string): boolean => ANY.test(kept),
};
