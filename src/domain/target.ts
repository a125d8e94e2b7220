/** Where a service is, after the catalog and the environment have been read. */
export const ENVIRONMENTS = ['dev', 'test', 'prod'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** A program that the system's own file declares: run as an argument array, never through a shell. */
export interface Program {
  /** `['make', 'seed']`; an argument may hold `{name}` of a parameter, filled in as one whole argument's part. */
  readonly run: readonly string[];
  /** Where: a folder of this machine, or a service's container. */
  readonly where: { readonly folder: string } | { readonly container: string };
  /** Names of this process's environment that the program is given besides PATH, HOME and LANG. */
  readonly environment: readonly string[];
  readonly danger: 'safe' | 'disruptive' | 'destructive';
  readonly says: string;
  /** Variables that its place needs and that aren't set: it can't be planned until they are. */
  readonly missing: readonly string[];
}

/** One HTTP request that the system's own file declares. */
export interface Call {
  readonly service: string;
  /** The service's address with credentials; null: not configured. */
  readonly url: string | null;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the service's address; `{name}` of a parameter is filled in, percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** With secrets filled in: never shown, journalled or part of a plan; their names are. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; texts in it may hold `{name}`. */
  readonly body: unknown;
  /** Whether the service takes an `Idempotency-Key`: the same call with the same values then has the same one. */
  readonly idempotencyKey: boolean;
  /** Statuses that mean it worked. */
  readonly expect: readonly number[];
  readonly danger: 'safe' | 'disruptive' | 'destructive';
  readonly says: string;
  readonly missing: readonly string[];
}

/** The Compose project that a system's services run in. */
export interface ComposeProject {
  readonly name: string;
  /** The declared project file; null: not known, and only existing containers can be started and stopped. */
  readonly file: string | null;
}

/** What the system's own file declares beside its services: written once, reviewed, and looked up when a step runs. */
export interface Declared {
  /** This system's own Compose projects, with their files. */
  readonly compose: readonly ComposeProject[];
  /** Container names by service of this system: who is who on the engine. */
  readonly containers: Readonly<Record<string, string>>;
  readonly programs: Readonly<Record<string, Program>>;
  readonly calls: Readonly<Record<string, Call>>;
  /** Folder where backups and exports are written; null: not configured (`BACKUP_DIR`). */
  readonly backupDir: string | null;
  /** Address of the Alertmanager that silences are set in; null: not configured. */
  readonly alertmanagerUrl: string | null;
}

export const NOTHING_DECLARED: Declared = {
  compose: [],
  containers: {},
  programs: {},
  calls: {},
  backupDir: null,
  alertmanagerUrl: null,
};

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
  readonly declared: Declared;
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
