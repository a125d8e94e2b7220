/** One bare question to a Docker engine. */
import type Docker from 'dockerode';

/** For what dockerode's own calls lack: `info` and a network's `inspect` an abort signal, `df` that only volumes are asked for. */
export function getJson(
  docker: Docker,
  path: string,
  query: Readonly<Record<string, string>>,
  abortSignal: AbortSignal,
): Promise<unknown> {
  const request = {
    path: `${path}?`,
    method: 'GET',
    options: query,
    abortSignal,
    statusCodes: { 200: true },
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: unknown, answer: unknown) =>
      error ? reject(error) : resolve(answer),
    );
  });
}
