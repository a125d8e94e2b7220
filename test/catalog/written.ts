/** A small catalog in a folder of its own, with some of its files replaced. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  formatProblem,
  type Loaded,
  type LoadOptions,
  loadCatalog,
  type Problem,
} from '../../src/catalog/load.ts';
import type { Catalog, ServiceEntry } from '../../src/domain/runbook.ts';
import { kinds } from './kinds.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const SYSTEM = `version: 1
title: Shop
services:
  redis:
    url: redis://:\${SHOP_REDIS_PASSWORD:-}@localhost:6379
    container: shop-redis
    probe: { probe: redis.ping }
  web:
    url: http://localhost:8080
    probe: { probe: http, path: /health }
compose: { projects: [shop], volumes: [redis_data] }
`;

export const RUNBOOK = `version: 1
title: Redis is full
triggers:
  - alertname="HighMemoryUsage", service="redis"
condition: { probe: redis.info, service: redis, holds: { used_percent: ">= 85" }, says: "uses {used_percent} %" }
diagnose:
  - memory: { probe: redis.info, service: redis, section: memory }
recover:
  - flush:
      title: Flush it
      steps:
        - { action: redis.flushdb, service: redis, db: 0 }
verify:
  - { probe: redis.ping, service: redis, within: 30s }
`;

const GOOD: Files = {
  'org.yaml': `version: 1\nroles: { tech-lead: "\${ROLE_TECH_LEAD:-}" }\n`,
  'shop/system.yaml': SYSTEM,
  'shop/redis-full.yaml': RUNBOOK,
};

type Env = Readonly<Record<string, string>>;

/** Loads it; in problems the folder's own path is left out. */
export async function load(
  files: Files = {},
  env: Env = {},
  options: Partial<LoadOptions> = {},
): Promise<Loaded> {
  const dir = await mkdtemp(join(tmpdir(), 'pageturner-catalog-'));
  try {
    for (const [name, content] of Object.entries({ ...GOOD, ...files })) {
      const path = join(dir, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    const loaded = await loadCatalog(dir, env, {
      ...kinds,
      sandboxOnly: false,
      defaultEnvironment: 'dev',
      ...options,
    });
    if ('catalog' in loaded) return loaded;
    return {
      problems: loaded.problems.map((problem) => ({ ...problem, file: problem.file.replace(`${dir}/`, '') })),
    };
  } finally {
    await rm(dir, { recursive: true });
  }
}

export async function catalogOf(
  files: Files = {},
  env: Env = {},
  options: Partial<LoadOptions> = {},
): Promise<Catalog> {
  const loaded = await load(files, env, options);
  if ('catalog' in loaded) return loaded.catalog;
  throw new Error(loaded.problems.map(formatProblem).join('\n'));
}

export async function problemsOf(files: Files, env: Env = {}): Promise<readonly Problem[]> {
  const loaded = await load(files, env);
  return 'problems' in loaded ? loaded.problems : [];
}

export function serviceOf(catalog: Catalog, system: string, service: string): ServiceEntry {
  const entry = catalog.systems
    .find(({ name }) => name === system)
    ?.services.find(({ name }) => name === service);
  if (entry === undefined) throw new Error(`no ${system}/${service}`);
  return entry;
}
