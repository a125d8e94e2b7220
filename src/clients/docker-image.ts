/** Images without a name, as the Docker Engine tells of them. Only reads. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { answeredWith } from './docker-failure.ts';
import { getJson } from './docker-get.ts';

const listed = z.array(
  z.object({
    Id: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Created: z.number().default(0),
    Size: z.number().default(0),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);
const inspected = z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish() });

export interface Image {
  readonly id: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly bytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

const isTag = (tag: string): boolean => tag !== '<none>:<none>';

/** Those that no tag names and no other image is made of, in the order of their ids. */
export async function listDangling(docker: Docker, abortSignal: AbortSignal): Promise<readonly Image[]> {
  const filters = JSON.stringify({ dangling: ['true'] });
  return listed
    .parse(await docker.listImages({ filters, abortSignal }))
    .filter(({ RepoTags }) => !(RepoTags ?? []).some(isTag))
    .map((one) => ({ id: one.Id, createdAt: one.Created * 1000, bytes: one.Size, labels: one.Labels ?? {} }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The tags of an image by its id; null when there is no such image. */
export async function readTags(
  docker: Docker,
  id: string,
  abortSignal: AbortSignal,
): Promise<readonly string[] | null> {
  try {
    const answer = await getJson(docker, `/images/${encodeURIComponent(id)}/json`, {}, abortSignal);
    return (inspected.parse(answer).RepoTags ?? []).filter(isTag);
  } catch (error) {
    if (answeredWith(error)?.statusCode === 404) return null;
    throw error;
  }
}
