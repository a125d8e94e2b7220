/** What a system's file declares beside its services: programs, calls, Compose projects; with the environment filled in. */
import type { ServiceEntry } from '../domain/runbook.ts';
import type { Call, Declared, Program } from '../domain/target.ts';
import type { CallFields, ProgramFields } from './declared-schema.ts';
import { interpolate } from './interpolate.ts';
import type { SystemFile } from './schemas.ts';
import { type Variables, variableName } from './variables.ts';
import type { YamlFile } from './yaml-file.ts';

interface Source {
  readonly name: string;
  readonly file: YamlFile;
  readonly fields: SystemFile;
}

export function readDeclared(
  { name, file, fields }: Source,
  services: readonly ServiceEntry[],
  variables: Variables,
): Declared {
  const containers = Object.fromEntries(
    services.flatMap(({ name: service, target }) =>
      target.container === null ? [] : [[service, target.container]],
    ),
  );
  const composeFile =
    variables.read(variableName(name, 'compose_file')) ?? fill(fields.compose?.file, variables);
  // The system's file is that of its first project: of another's it would make containers under a wrong name.
  const compose = (fields.compose?.projects ?? []).flatMap((project, i) => {
    const [written, own] = typeof project === 'string' ? [project, undefined] : [project.name, project.file];
    const filled = fill(written, variables);
    const file = fill(own, variables) || (i === 0 ? composeFile : null);
    return filled === null ? [] : [{ name: filled, file }];
  });
  const programs = Object.entries(fields.programs ?? {}).flatMap(([key, program]) => {
    const read = readProgram(program, containers, variables);
    if (read !== null) return [[key, read] as const];
    const service = 'container' in program.in ? program.in.container : '';
    file.fault(
      ['programs', key, 'in', 'container'],
      `there is no service "${service}" with a container; expected one of ${Object.keys(containers).join(', ')}`,
    );
    return [];
  });
  const calls = Object.entries(fields.calls ?? {}).flatMap(([key, call]) => {
    const entry = services.find((candidate) => candidate.name === call.service);
    if (entry !== undefined) return [[key, readCall(call, entry, variables)] as const];
    const names = services.map((service) => service.name).join(', ');
    file.fault(
      ['calls', key, 'service'],
      `there is no service "${call.service}" of ${name}; expected one of ${names}`,
    );
    return [];
  });
  return {
    compose,
    containers,
    programs: Object.fromEntries(programs),
    calls: Object.fromEntries(calls),
    backupDir: variables.read('BACKUP_DIR'),
    alertmanagerUrl:
      variables.read('ALERTMANAGER_URL') ??
      services.find(({ name: service }) => service === 'alertmanager')?.target.url ??
      null,
  };
}

/** Null: it is to run in the container of a service that has none. */
function readProgram(
  fields: ProgramFields,
  containers: Readonly<Record<string, string>>,
  variables: Variables,
): Program | null {
  const { run, environment, danger, says } = fields;
  // Read, though only when it runs are they given: what comes from outside must be known, and never shown.
  for (const name of environment) variables.read(name, fields.public.includes(name) ? 'public' : 'value');
  const common = { run, environment, danger, says };
  if ('folder' in fields.in) {
    const { text, missing } = interpolate(fields.in.folder, variables);
    return { ...common, where: { folder: text }, missing };
  }
  const container = containers[fields.in.container];
  return container === undefined ? null : { ...common, where: { container }, missing: [] };
}

function readCall({ public: shown, ...fields }: CallFields, entry: ServiceEntry, variables: Variables): Call {
  const headers = Object.entries(fields.headers).map(
    ([header, text]) => [header, interpolate(text, readerOf(shown, variables), 'value')] as const,
  );
  return {
    ...fields,
    body: fields.body ?? null,
    url: entry.target.url,
    headers: Object.fromEntries(headers.map(([header, { text }]) => [header, text])),
    missing: headers.flatMap(([, { missing }]) => missing),
  };
}

/** Of the variables that the file marks public, the values may be shown. */
const readerOf = (shown: readonly string[], variables: Variables): Variables => ({
  ...variables,
  read: (name, use) => variables.read(name, shown.includes(name) ? 'public' : use),
});

/** Null when a variable in it has no value. */
export function fill(text: string | undefined, variables: Variables): string | null {
  if (text === undefined) return null;
  const filled = interpolate(text, variables);
  return filled.missing.length > 0 || filled.text === '' ? null : filled.text;
}
