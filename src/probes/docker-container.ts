/** One container: does it run, is it healthy, was it killed, how often did it start again. */
import { z } from 'zod';
import { readDockerJson } from '../clients/docker-answers.ts';
import type { Facts, ProbeFinding } from '../domain/probe.ts';
import { containerOf, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({});

/** As the Engine names them. */
const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const HEALTHS = ['none', 'starting', 'healthy', 'unhealthy'];

/** Docker Engine API, `GET /containers/{id}/json`. */
const container = z.object({
  Id: z.string(),
  RestartCount: z.number().default(0),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    OOMKilled: z.boolean().default(false),
    ExitCode: z.number().default(0),
    StartedAt: z.string().default(''),
    Health: z.object({ Status: z.string() }).optional(),
  }),
});
type Container = z.output<typeof container>;

export const dockerContainer = probeKind<z.output<typeof settings>>({
  name: 'docker.container',
  settings,
  needs: 'container',
  facts: {
    state: { type: 'text', values: STATES },
    health: { type: 'text', values: HEALTHS },
    restart_count: { type: 'number' },
    oom_killed: { type: 'boolean' },
    exit_code: { type: 'number' },
    started_at: { type: 'text' },
    id: { type: 'text' },
    image: { type: 'text' },
  },
  async probe(target, _settings, context) {
    const path = `/containers/${encodeURIComponent(containerOf(target))}/json`;
    return finding(await readDockerJson(target.dockerHost, path, container, context));
  },
});

function finding(found: Container): ProbeFinding {
  const { Status: state, OOMKilled: oomKilled, ExitCode: exitCode } = found.State;
  const health = found.State.Health?.Status ?? 'none';
  const facts: Facts = {
    state,
    health,
    restart_count: found.RestartCount,
    oom_killed: oomKilled,
    exit_code: exitCode,
    started_at: found.State.StartedAt,
    id: found.Id.slice(0, 12),
    image: found.Image,
  };
  if (state === 'running' && health === 'unhealthy')
    return { state: 'degraded', reason: 'runs, but is unhealthy', facts };
  if (state === 'running' && health === 'starting')
    return { state: 'degraded', reason: 'runs, health check starting', facts };
  if (state === 'running') return up(facts);
  const killed = oomKilled ? ', killed for want of memory (OOM)' : '';
  const code = state === 'exited' || state === 'dead' ? ` with code ${exitCode}` : '';
  const broken = state === 'paused' || state === 'restarting' ? 'degraded' : 'down';
  return { state: broken, reason: `container is ${state}${code}${killed}`, facts };
}
