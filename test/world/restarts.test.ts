/** The page's six outages of one service: broken on real containers, read, restarted by who may, verified, counted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerOf, type Service } from './compose-file.ts';
import { eventsSince, now } from './events.ts';
import { approve, askFor, everSaid, mitigated, openIncident, reply, resolved } from './recover.ts';
import { type CaredFor, startCaredFor } from './start-moalog.ts';

const ACTS = ['restart', 'create', 'destroy', 'kill', 'oom'];
const STARTS = ['restart'];

describe('a service of the small moalog that is down', { timeout: 180_000 }, () => {
  let moalog: CaredFor;
  beforeAll(async () => {
    moalog = await startCaredFor();
  }, 180_000);
  afterAll(() => moalog?.stop());

  const stop = async (service: Service): Promise<void> => {
    await moalog.docker.getContainer(containerOf(service)).stop();
  };
  const exec = async (service: Service, ...Cmd: string[]): Promise<void> => {
    const made = await moalog.docker.getContainer(containerOf(service)).exec({ Cmd });
    await made.start({ Detach: true });
  };

  it('service-down: the service that the alert names (here Grafana) is restarted once, and only when it is approved', async () => {
    await stop('grafana');
    const begun = now();
    const incident = await openIncident(moalog, 'ServiceDown', 'grafana', [
      '*A service is down*',
      /🔴 \*Health\* \(grafana\) down · .*refused/u,
      /🔴 \*Container\* \(grafana\) down · container is exited with code 137/u,
    ]);
    const step = await askFor(moalog, incident, 'Restart the service');
    expect(step.text).toContain('docker.restart');
    expect(step.text).toContain('moalog-grafana');
    expect(await eventsSince(moalog.docker, begun, ACTS)).toEqual([]);
    await approve(moalog, step, 'onCall');
    await mitigated(moalog, incident);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual(['restart moalog-grafana']);
    await resolved(moalog, incident);
  });

  it('redis-down: mitigated when Redis answers, and checked until the rate limiter’s own log says that it is connected again', async () => {
    await stop('redis');
    await exec('rate-limiter', 'touch', '/tmp/hold');
    const begun = now();
    const incident = await openIncident(moalog, 'ServiceDown', 'redis', [
      '*Redis is down*',
      /Rate limiting fails open/u,
      /payment may be taken twice/u,
      '*What it means for others*',
      /fails open\* · rate-limiter → redis/u,
      /🔴 \*Ping\* \(redis\) down/u,
      /Ready to accept connections/u,
    ]);
    await approve(moalog, await askFor(moalog, incident, 'Restart Redis'), 'onCall');
    // The log of the time before the outage has the line: it is not counted.
    await reply(moalog.world, incident.root, [
      'Check after',
      /since redis was started contains “Connected to Redis”/u,
    ]);
    await mitigated(moalog, incident);
    await exec('rate-limiter', 'rm', '/tmp/hold');
    await reply(moalog.world, incident.root, ['The rate limiter has reconnected', 'Every check is good']);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual(['restart moalog-redis']);
    await resolved(moalog, incident);
  });

  it('mysql-down: its data is still there, and moalog-server is healthy again', async () => {
    await stop('mysql');
    const begun = now();
    const incident = await openIncident(moalog, 'ServiceDown', 'mysql', [
      '*MySQL is down*',
      /mysql_data is whole/u,
      /does not fail open · moalog-server → mysql/u,
      /🔴 \*Ping\* \(mysql\) down/u,
      /Shutdown complete/u,
    ]);
    await approve(moalog, await askFor(moalog, incident, 'Restart MySQL'), 'onCall');
    await mitigated(moalog, incident);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual(['restart moalog-mysql']);
    await resolved(moalog, incident);
  });

  it('kafka-down: Zookeeper first, then Kafka, each once and each approved', async () => {
    await stop('kafka');
    await stop('fluxpay-zookeeper');
    const begun = now();
    const incident = await openIncident(moalog, 'ServiceDown', 'kafka', [
      '*Kafka is down*',
      /outbox/u,
      /fluxpay-engine → kafka/u,
      /🔴 \*Zookeeper\* \(fluxpay-zookeeper\) down/u,
      /🔴 \*Brokers and topics\* \(kafka\) down/u,
    ]);
    const first = await askFor(moalog, incident, 'Restart Zookeeper, then Kafka');
    expect(first.text).toContain('fluxpay-zookeeper');
    await approve(moalog, first, 'onCall');
    const second = await reply(moalog.world, incident.root, [
      'waits for a decision',
      '*Who may decide*',
      '*moalog / kafka*',
    ]);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual(['restart fluxpay-zookeeper']);
    await approve(moalog, second, 'onCall');
    await mitigated(moalog, incident);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual([
      'restart fluxpay-zookeeper',
      'restart fluxpay-kafka',
    ]);
    await resolved(moalog, incident);
  });

  it('fluxpay-down: killed for want of memory, restarted, and waited for no longer than it takes', async () => {
    await exec('fluxpay-engine', 'touch', '/tmp/leak');
    await moalog.docker.getContainer(containerOf('fluxpay-engine')).wait();
    const begun = now();
    const incident = await openIncident(moalog, 'ServiceDown', 'fluxpay-engine', [
      '*The FluxPay engine is down*',
      /payment API answers 502/u,
      /moalog-server → fluxpay-engine \(timeout: 5s\)/u,
      /killed for want of memory \(OOM\)/u,
      /OutOfMemoryError/u,
      /🟢 \*Its database\* \(postgres\) up/u,
    ]);
    await approve(moalog, await askFor(moalog, incident, 'Restart the FluxPay engine'), 'onCall');
    await mitigated(moalog, incident);
    const said = everSaid(moalog.world, incident.root);
    expect(said.some((text) => /\*waits\* until up, at most 120 s: 1[12]\d s left/u.test(text))).toBe(true);
    expect(now() - begun).toBeLessThan(60);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual(['restart fluxpay-engine']);
    await resolved(moalog, incident);
  });

  it('rate-limiter-down: everything passes meanwhile, and it is restarted once', async () => {
    await stop('rate-limiter');
    const begun = now();
    const incident = await openIncident(moalog, 'ServiceDown', 'rate-limiter', [
      '*The rate limiter is down*',
      /fails open\* · moalog-server → rate-limiter \(timeout: 500ms\)/u,
      /🔴 \*Container\* \(rate-limiter\) down/u,
      /🟢 \*Its Redis\* \(redis\) up/u,
    ]);
    await approve(moalog, await askFor(moalog, incident, 'Restart the rate limiter'), 'onCall');
    await mitigated(moalog, incident);
    expect(await eventsSince(moalog.docker, begun, STARTS)).toEqual(['restart moalog-rate-limiter']);
    await resolved(moalog, incident);
  });
});
