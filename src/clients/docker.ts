/** The Docker engines under care, over their socket or TCP address. */
import Docker from 'dockerode';

export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/** Milliseconds bound each call; the socket is destroyed at the timeout. Throws on an address it can't read. */
export function openDocker(host: string, options: { readonly timeoutMs: number }): Docker {
  const url = new URL(host);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname, timeout: options.timeoutMs });
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? 2375 : Number(url.port);
  return new Docker({ protocol, host: url.hostname, port, timeout: options.timeoutMs });
}
