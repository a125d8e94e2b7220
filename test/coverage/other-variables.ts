/** Variables that the bot itself doesn't read: Compose and the catalog do, and the tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OtherVariable {
  readonly name: string;
  readonly by: 'Compose' | 'catalog';
  readonly says: string;
  /** For `.env.example`, where it stands as a comment; without it, it is to be filled in. */
  readonly example?: string;
}

export const OTHER_VARIABLES: readonly OtherVariable[] = [
  {
    name: 'POSTGRES_PASSWORD',
    by: 'Compose',
    says: "The bot's role in PostgreSQL. openssl rand -hex 24, as for the next three.",
  },
  {
    name: 'POSTGRES_OWNER_PASSWORD',
    by: 'Compose',
    says: 'The role that owns the tables. Only docker-compose.yml uses it, to migrate.',
  },
  { name: 'POSTGRES_SUPERUSER_PASSWORD', by: 'Compose', says: "PostgreSQL's superuser." },
  { name: 'REDIS_QUEUE_PASSWORD', by: 'Compose', says: "The queue's Redis." },
  {
    name: 'FALLBACK_SLACK_WEBHOOK_URL',
    by: 'Compose',
    says: 'An incoming webhook of Slack, of another app than the bot: it gets the alerts about the bot itself.',
  },
  {
    name: 'ROLE_TECH_LEAD',
    by: 'catalog',
    says: 'Slack user ids (U…) or user-group ids (S…), separated by commas; an empty role means nobody.',
  },
  { name: 'ROLE_ON_CALL', by: 'catalog', says: 'The same for whoever is on call.' },
  { name: 'ROLE_DUTY_OFFICER', by: 'catalog', says: 'The same for the duty officer.' },
  {
    name: 'ROTATION_PEOPLE',
    by: 'catalog',
    example: 'U012AB3CD,U034EF5GH',
    says: 'Who is on call by turns (runbooks/org.yaml); empty: ROLE_ON_CALL.',
  },
  { name: 'CONTACT_ADMINISTRATOR', by: 'catalog', example: '', says: 'Whom to reach outside Slack.' },
  {
    name: 'CONTACT_DATABASE_ADMINISTRATOR',
    by: 'catalog',
    example: '',
    says: 'Whom to reach outside Slack.',
  },
  { name: 'CONTACT_SECURITY', by: 'catalog', example: '', says: 'Whom to reach outside Slack.' },
  { name: 'CONTACT_ON_CALL', by: 'catalog', example: '', says: 'Whom to reach outside Slack.' },
  { name: 'PHONE_BRIDGE', by: 'catalog', example: '', says: 'The number of the phone bridge.' },
  {
    name: 'DOCKER_HOST',
    by: 'catalog',
    example: 'unix:///var/run/docker.sock',
    says: 'The Docker engine of every system that has none of its own.',
  },
  {
    name: 'BACKUP_DIR',
    by: 'catalog',
    example: '/var/backups/pageturner',
    says: "Where backups and exports are written, and restores read from: an absolute path, the bot's alone.",
  },
];

/** `${NAME}` and `${NAME:-default}` in the files of runbooks/, with the folder that reads it. */
export interface CatalogVariable {
  readonly name: string;
  readonly standard: string | null;
  readonly readBy: readonly string[];
}

export function catalogVariables(folder = 'runbooks'): readonly CatalogVariable[] {
  const found = new Map<string, { standard: string | null; readBy: Set<string> }>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.yaml')) continue;
    const text = readFileSync(join(folder, path), 'utf8').replaceAll(/(^|\s)#.*$/gmu, '');
    for (const [, name = '', standard] of text.matchAll(/\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/gu)) {
      const entry = found.get(name) ?? { standard: null, readBy: new Set<string>() };
      found.set(name, entry);
      entry.standard ??= standard ?? null;
      entry.readBy.add(path.split('/')[0] ?? path);
    }
  }
  return [...found]
    .map(([name, { standard, readBy }]) => ({ name, standard, readBy: [...readBy] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
