/** What stands beside the services' states: objectives and watches, and further checks of one service. */
import type { ServiceEntry, System } from '../../domain/runbook.ts';
import type { CheckResult, HealthMore } from '../../journal/health.ts';
import { askObjectives, type Figures } from './ask-objectives.ts';
import { askService } from './ask-service.ts';

/** Bounded by the timeouts of what is asked. `service` null: of the whole system. */
export async function askMore(
  engine: Figures,
  system: System,
  service: ServiceEntry | null,
): Promise<HealthMore> {
  const [figures, checks] = await Promise.all([
    askObjectives(engine, system, service?.name ?? null),
    service === null ? askLines(engine, system) : askChecks(engine, system, service),
  ]);
  return { figures, checks };
}

/** Checks that have a line of their own beside the services: how old the last backup is. */
export function askLines(
  engine: Parameters<typeof askService>[0],
  system: System,
): Promise<(CheckResult & { readonly key: string; readonly service: string })[]> {
  const asking = system.services.flatMap((entry) =>
    (entry.checks ?? [])
      .filter(({ line }) => line === true)
      .map(async (step) => ({
        key: step.key,
        service: entry.name,
        title: step.title ?? step.key,
        result: await askService(engine, system.name, step),
      })),
  );
  return Promise.all(asking);
}

function askChecks(engine: Figures, system: System, service: ServiceEntry): Promise<CheckResult[]> {
  const asking = (service.checks ?? []).map(async (step) => ({
    title: step.title ?? step.key,
    result: await askService(engine, system.name, step),
  }));
  return Promise.all(asking);
}
