/** How old the files are that checks with a line of their own look for: for the bot's metrics. */
import { askLines } from '../checks/ask-more.ts';
import type { Engine } from '../core/engine.ts';

export interface FileAge {
  readonly system: string;
  readonly service: string;
  readonly check: string;
  /** Infinite: there is no such file. */
  readonly hours: number;
}

/** What can't be known (no BACKUP_DIR) has no age, and is left out. */
export async function readFileAges(
  engine: Pick<Engine, 'catalog' | 'probeKinds' | 'redact' | 'signal'>,
): Promise<readonly FileAge[]> {
  const all = engine.catalog.systems.map(async (system) =>
    (await askLines(engine, system)).flatMap(({ key, service, result }): readonly FileAge[] => {
      const of = { system: system.name, service, check: key };
      const { age_hours: age, newest } = result.facts;
      if (typeof age === 'number') return [{ ...of, hours: age }];
      return newest === null ? [{ ...of, hours: Number.POSITIVE_INFINITY }] : [];
    }),
  );
  return (await Promise.all(all)).flat();
}
