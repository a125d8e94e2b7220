/** Networks as the Docker Engine tells of them. Only reads. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { answeredWith } from './docker-failure.ts';
import { getJson } from './docker-get.ts';

const network = z.object({
  Id: z.string().min(12),
  Name: z.string(),
  Created: z.string().default(''),
  Driver: z.string().default(''),
  Scope: z.string().default('local'),
  Ingress: z.boolean().default(false),
  Labels: z.record(z.string(), z.string()).nullish(),
  /** Endpoints of running containers; only told of one network at a time. */
  Containers: z.record(z.string(), z.unknown()).nullish(),
});

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly driver: string;
  readonly scope: string;
  readonly ingress: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids of running containers in it; always empty in a list. */
  readonly containers: readonly string[];
}

const toNetwork = (answer: z.output<typeof network>): Network => ({
  id: answer.Id,
  name: answer.Name,
  createdAt: answer.Created,
  driver: answer.Driver,
  scope: answer.Scope,
  ingress: answer.Ingress,
  labels: answer.Labels ?? {},
  containers: Object.keys(answer.Containers ?? {}),
});

/** In the order of their names. */
export async function listNetworks(
  docker: Docker,
  filters: Readonly<Record<string, readonly string[]>>,
  abortSignal: AbortSignal,
): Promise<readonly Network[]> {
  const options = { filters: JSON.stringify(filters), abortSignal };
  const answer = z.array(network).parse(await docker.listNetworks(options));
  return answer.map(toNetwork).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** By id; null when there is none. */
export async function readNetwork(
  docker: Docker,
  id: string,
  abortSignal: AbortSignal,
): Promise<Network | null> {
  try {
    return toNetwork(
      network.parse(await getJson(docker, `/networks/${encodeURIComponent(id)}`, {}, abortSignal)),
    );
  } catch (error) {
    if (answeredWith(error)?.statusCode === 404) return null;
    throw error;
  }
}
