/** A shop with one service and kinds that do what the test says: written and loaded as any other catalog. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatProblem, loadCatalog } from '../../../src/catalog/load.ts';
import type { Catalog } from '../../../src/domain/runbook.ts';
import type { FakeTarget } from './target.ts';

export const LEAD = 'ULEAD';
export const SECOND_LEAD = 'ULEAD2';
export const ON_CALL = 'UCALL';
export const BACKUP = 'UBACK';
export const GUEST = 'UGUEST';
export const ANYONE = 'UANYONE';

const FILES: Readonly<Record<string, string>> = {
  'org.yaml': `version: 1
roles: { tech-lead: "${LEAD},${SECOND_LEAD}", on-call: "${ON_CALL},${BACKUP}" }
`,
  'shop/system.yaml': `version: 1
title: Shop
services:
  cache: { url: "http://127.0.0.1:9", probe: { probe: fake.look } }
  web: { url: "http://127.0.0.1:9", probe: { probe: fake.look } }
`,
  'shop/cache-full.yaml': `version: 1
title: The cache is full
triggers: ['alertname="CacheFull", service="cache"']
condition: { probe: fake.look, service: cache, holds: { used_percent: ">= 85" }, says: "uses {used_percent} %" }
diagnose:
  - look: { probe: fake.look, service: cache }
recover:
  - wipe: { title: Wipe the cache, steps: [{ action: fake.wipe, service: cache }] }
  - restart: { title: Restart the cache, steps: [{ action: fake.restart, service: cache }] }
verify:
  - look: { probe: fake.look, service: cache, within: 1s, timeout: 1s }
escalate: { after: 15m, to: on-call }
`,
  'shop/disk-full.yaml': `version: 1
title: The disk is full
triggers: ['alertname="DiskFull"']
condition: { probe: fake.look, service: cache, holds: { used_percent: ">= 85" }, says: "uses {used_percent} %" }
recover:
  - tidy: { title: Tidy up, propose: true, steps: [{ action: fake.wipe, service: cache }] }
`,
  'shop/operations/seed.yaml': `version: 1
title: Seed the shop
params: { day: { type: date, says: the day to look at, example: "2026-01-01" } }
steps:
  - { action: fake.note, service: cache }
  - { task: "Look at {day} by hand" }
  - { action: fake.wipe, service: cache }
verify:
  - look: { probe: fake.look, service: cache, within: 1s, timeout: 1s }
`,
};

export async function shopCatalog(target: FakeTarget): Promise<Catalog> {
  const dir = await mkdtemp(join(tmpdir(), 'pageturner-shop-'));
  try {
    for (const [name, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    }
    const { probeKinds, actionKinds } = target;
    const loaded = await loadCatalog(
      dir,
      {},
      { probeKinds, actionKinds, sandboxOnly: false, defaultEnvironment: 'test' },
    );
    if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    return loaded.catalog;
  } finally {
    await rm(dir, { recursive: true });
  }
}
