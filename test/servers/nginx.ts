/** A real nginx in front of whatever its configuration says, without root and with files of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort } from './program.ts';
import { runProgram } from './run-program.ts';

const START_MS = 20_000;

export interface NginxServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** `server`: what stands inside the `server { … }` block. */
export async function startNginx(server: string): Promise<NginxServer> {
  const program = await findProgram('nginx', 'nginx-light');
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${dir}/${name};`)
    .join('\n');
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
     events { worker_connections 256; }
     http { access_log off; ${temporary} server { listen 127.0.0.1:${port}; ${server} } }`,
  );
  const running = await runProgram(program, {
    args: ['-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')],
    deadlineMs: START_MS,
    ready: () => connects(port),
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
