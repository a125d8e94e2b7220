/** Where a service is, after the catalog and the environment have been read. */
export const ENVIRONMENTS = ['dev', 'test', 'prod'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export interface Target {
  readonly system: string;
  readonly service: string;
  readonly environment: Environment;
  /** With credentials; never to be shown. Null: not configured. */
  readonly url: string | null;
  /** Container name, or null when the service has none. */
  readonly container: string | null;
  /** `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375` or `http://…`; the system's engine. */
  readonly dockerHost: string;
  /** In local mode: only things labelled as the sandbox's may be changed. */
  readonly sandboxOnly: boolean;
  /** Names of volumes that the catalog knows: never to be removed as "unused". */
  readonly catalogVolumes: readonly string[];
  /** Compose projects of systems in the catalog: their labelled volumes are never removed either. */
  readonly composeProjects: readonly string[];
}

/** The target's address for people: no user, no password, no query. */
export function shownAddress(url: string): string {
  try {
    const u = new URL(url);
    return `${u.protocol}//${u.host}${u.pathname === '/' ? '' : u.pathname}`;
  } catch {
    return '(an address that is not a URL)';
  }
}
