/** A real Alertmanager with one alert that fires, and two addresses that lead to it. */
import { expireSilence, listSilences, readFiringAlerts } from '../../src/clients/alertmanager.ts';
import type { Target } from '../../src/domain/target.ts';
import { startAlertmanager } from '../servers/alertmanager.ts';
import { declared } from './declared.ts';
import { target } from './fixtures.ts';
import { startSettlingWay } from './settling-way.ts';

export interface AlertmanagerBench {
  readonly url: string;
  /** Changes when it moves to its other address. */
  readonly target: () => Target;
  readonly gone: Partial<Target>;
  fill(): Promise<void>;
  replace(): void;
  settled(): Promise<void>;
  /** Names of alerts that are sent to somebody. */
  alerts(): Promise<readonly string[]>;
  /** How many silences are active. */
  silences(): Promise<number>;
  stop(): Promise<void>;
}

export async function startAlertmanagerBench(): Promise<AlertmanagerBench> {
  const server = await startAlertmanager({ webhookUrl: 'http://127.0.0.1:9/', bearerToken: 'x' });
  const port = Number(new URL(server.url).port);
  const ways = [await startSettlingWay(port), await startSettlingWay(port)];
  let moved = 0;
  const bounds = () => ({ signal: AbortSignal.timeout(20_000), timeoutMs: 10_000 });
  const at = (index: number) => `http://ops:not-to-be-shown@127.0.0.1:${ways[index]?.port}`;
  const inTarget = (alertmanagerUrl: string) => ({ declared: declared({ alertmanagerUrl }) });
  const active = async () =>
    (await listSilences(server.url, bounds())).filter(({ state }) => state === 'active');
  return {
    url: server.url,
    target: () => target({ service: 'docker', ...inTarget(at(moved)) }),
    gone: inTarget('http://ops:not-to-be-shown@127.0.0.1:1'),
    async fill() {
      moved = 0;
      for (const { id } of await active()) await expireSilence(server.url, id, bounds());
      await server.post([{ labels: { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis' } }]);
    },
    replace: () => {
      moved = 1;
    },
    settled: async () => {
      for (const way of ways) await way.settled();
    },
    alerts: async () =>
      (await readFiringAlerts(server.url, bounds())).map(({ alertname = '?' }) => alertname),
    silences: async () => (await active()).length,
    async stop() {
      for (const way of ways) await way.stop();
      await server.stop();
    },
  };
}
