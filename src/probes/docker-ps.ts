/** Every container of the system's Compose projects: services, workers, and those that were left behind. */
import { z } from 'zod';
import { readDockerJson } from '../clients/docker-answers.ts';
import { alignColumns } from '../domain/table.ts';
import { probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({});
const PROJECT = 'com.docker.compose.project';
const SERVICE = 'com.docker.compose.service';
const ONE_OFF = 'com.docker.compose.oneoff';

/** Docker Engine API, `GET /containers/json`. */
const listed = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    State: z.string().default(''),
    Status: z.string().default(''),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);

export const dockerPs = probeKind<z.output<typeof settings>>({
  name: 'docker.ps',
  settings,
  needs: 'docker',
  facts: {
    containers: { type: 'number' },
    running: { type: 'number' },
    unknown: { type: 'number' },
    names: { type: 'text' },
  },
  async probe(target, _settings, context) {
    const all = await readDockerJson(target.dockerHost, '/containers/json?all=true', listed, context);
    const known = new Set(Object.values(target.declared.containers));
    const projects = new Set(target.declared.compose.map(({ name }) => name));
    const own = all
      .map(({ Id, Names, State, Status, Labels }) => {
        const name = (Names?.[0] ?? Id.slice(0, 12)).replace(/^\//u, '');
        const [project = '', service = ''] = [Labels?.[PROJECT], Labels?.[SERVICE]];
        return { name, state: State, says: Status, project, service, isOneOff: Labels?.[ONE_OFF] === 'True' };
      })
      .filter(({ name, project }) => known.has(name) || projects.has(project))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const strangers = own.filter(({ name }) => !known.has(name));
    const rows = own.map(({ name, state, says, project, service, isOneOff }) => [
      name,
      state,
      says,
      `${project}/${service}`.replace(/^\/$/u, '-'),
      known.has(name) ? '' : isOneOff ? 'one command (compose run)' : 'not in the catalog',
    ]);
    return up(
      {
        containers: own.length,
        running: own.filter(({ state }) => state === 'running').length,
        unknown: strangers.length,
        names: strangers.map(({ name }) => name).join(', '),
      },
      rows.length === 0
        ? ''
        : alignColumns([['CONTAINER', 'STATE', 'STATUS', 'PROJECT/SERVICE', ''], ...rows]),
    );
  },
});
