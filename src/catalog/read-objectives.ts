/** Objectives and watches of a system: queries with their window filled in, of services that are there. */
import { didYouMean } from '../domain/nearest.ts';
import type { Objective } from '../domain/objective.ts';
import type { ServiceEntry } from '../domain/runbook.ts';
import type { ObjectiveFields, WatchFields } from './declared-schema.ts';
import type { Path } from './problem.ts';
import type { SystemFile } from './schemas.ts';
import type { YamlFile } from './yaml-file.ts';

interface Read {
  readonly objectives: readonly Objective[];
  readonly watches: readonly Objective[];
}

export function readObjectives(
  fields: Pick<SystemFile, 'objectives' | 'watches'>,
  services: readonly ServiceEntry[],
  file: YamlFile,
): Read {
  const { objectives = [], watches = [] } = fields;
  for (const [key, list] of Object.entries({ objectives, watches })) {
    for (const [i, { service, query, window }] of list.entries()) {
      if (service !== undefined) checkService(service, services, [key, i, 'service'], file);
      if (query?.includes('$window') === true && window === undefined)
        file.fault(
          [key, i, 'query'],
          'query holds $window, and there is no window; expected one, such as 30d',
        );
    }
  }
  return { objectives: objectives.map(fromObjective), watches: watches.map(fromWatch) };
}

function checkService(service: string, services: readonly ServiceEntry[], path: Path, file: YamlFile): void {
  const names = services.filter(({ probe }) => probe !== null).map(({ name }) => name);
  if (!names.includes(service))
    file.fault(path, `there is no service "${service}" with health${didYouMean(service, names)}`);
}

function fromObjective(fields: ObjectiveFields): Objective {
  const { name, objective, service = null, target = null, better = 'higher', unit, window = null } = fields;
  return { name, objective, service, query: filled(fields), target, better, unit, window };
}

function fromWatch(fields: WatchFields): Objective {
  const { name, service = null, bound, unit, window = null } = fields;
  const [, sign = '', number = ''] = /^([<>]=) ?(.+)$/u.exec(bound ?? '') ?? [];
  const target = number === '' ? null : Number(number);
  const limit = `${sign === '<=' ? 'at most' : 'at least'} ${number}${unit === '' ? '' : ` ${unit}`}`;
  return {
    name,
    objective: target === null ? '' : limit,
    service,
    query: filled(fields),
    target,
    better: sign === '<=' ? 'lower' : 'higher',
    unit,
    window,
  };
}

function filled({ query, window }: Pick<ObjectiveFields, 'query' | 'window'>): string | null {
  return query?.replaceAll('$window', window ?? '') ?? null;
}
