/** Unused volumes that the sandbox leaves behind in the Docker engine, all labelled as its own. */
import { z } from 'zod';
import { openDocker } from '../../clients/docker.ts';
import { SANDBOX_LABEL } from './redis-container.ts';

/** What an old stack would leave: none is named by the catalog or belongs to a Compose project. */
export const LEFT_BEHIND = [
  'sandbox_loki_chunks_old',
  'sandbox_mysql_upgrade_copy',
  'sandbox_kafka_log_retired',
];

const TIMEOUT_MS = 2_000;
const OWN = { filters: { label: [`${SANDBOX_LABEL}=true`] } };
const EngineError = z.object({ code: z.string() });

/** Names of those that exist. @throws what `sayWhyNoEngine` can put in words. */
export async function listLeftBehind(dockerHost: string): Promise<readonly string[]> {
  const { Volumes } = await openDocker(dockerHost, { timeoutMs: TIMEOUT_MS }).listVolumes(OWN);
  return (Volumes ?? []).map((volume) => volume.Name).filter((name) => LEFT_BEHIND.includes(name));
}

/** Makes the three. @throws when a volume of such a name is not the sandbox's: it is left as it is. */
export async function leaveVolumesBehind(dockerHost: string): Promise<void> {
  const docker = openDocker(dockerHost, { timeoutMs: TIMEOUT_MS });
  for (const name of LEFT_BEHIND) {
    // A name that exists is answered with the volume that has it, whatever its labels.
    await docker.createVolume({ Name: name, Labels: { [SANDBOX_LABEL]: 'true' } });
    const volume = await docker.getVolume(name).inspect();
    if (volume.Labels?.[SANDBOX_LABEL] !== 'true') {
      throw new Error(`a volume ${name} that is not the sandbox's exists already; it was left as it is`);
    }
  }
}

/** For a person without an engine: what is wrong and how to get one. */
export function sayWhyNoEngine(dockerHost: string, error: unknown): string {
  const code = EngineError.safeParse(error).data?.code;
  if (code === 'EACCES') {
    return `Docker: the engine at ${dockerHost} refuses this user; join the docker group: sudo usermod -aG docker $USER`;
  }
  return `Docker: no engine answers at ${dockerHost}; install one (https://docs.docker.com/engine/install/) or set DOCKER_HOST`;
}
