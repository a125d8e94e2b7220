/** How soon Slack is acknowledged while more than 500 probes hang; beside the same bot with nothing to do. */
import { type AddressInfo, createServer } from 'node:net';
import { waitFor } from '../servers/program.ts';
import { median, type Row } from './table.ts';
import { startBenchWorld } from './world.ts';

const HTTP_SERVICES = [
  ...[
    'MOALOG_SERVER',
    'RATE_LIMITER',
    'FLUXPAY_ENGINE',
    'PROMETHEUS',
    'GRAFANA',
    'ALERTMANAGER',
    'LOKI',
    'JAEGER',
  ].map((s) => `MOALOG_${s}`),
  ...['MARI_SERVER', 'SENTINEL_INFERENCE', 'SENTINEL_TRAINER', 'MOCK_BANK_HSM'].map((s) => `MARI_${s}`),
  ...['API', 'SERVING', 'MLFLOW'].map((s) => `MARKET_DATA_${s}`),
  ...['PROMETHEUS', 'LLM_API', 'GRAFANA', 'LOKI'].map((s) => `BUTLER_${s}`),
];
/** Times `/ops health` is asked: each asks 19 services that never answer. */
const ASKED = 27;

export async function benchAcknowledge(): Promise<readonly Row[]> {
  const hanging = createServer(() => undefined);
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
  const world = await startBenchWorld(Object.fromEntries(HTTP_SERVICES.map((name) => [`${name}_URL`, url])));
  const sam = world.workspace.as('UDEV00001');
  const acknowledged = async (times: number): Promise<number[]> => {
    const ms: number[] = [];
    for (let i = 0; i < times; i += 1) ms.push((await sam.command('/ops help')).ms);
    return ms;
  };
  await acknowledged(20);
  const idle = await acknowledged(30);
  await Promise.all(Array.from({ length: ASKED }, () => sam.command('/ops health')));
  const busy = await acknowledged(60);
  await waitFor('the answers', 60_000, () =>
    world.workspace.store.messages().some((m) => m.text.includes('32 of 32 answered')),
  );
  await world.stop();
  hanging.close();
  const baseline = 'the same, idle';
  return [
    {
      what: `Slack acknowledged, median, while ${ASKED * HTTP_SERVICES.length} probes hang`,
      ms: median(busy),
      baseline,
      baselineMs: median(idle),
    },
    { what: 'the same, slowest of 60', ms: Math.max(...busy), baseline, baselineMs: Math.max(...idle) },
  ];
}
