/** `mitigated` is said only of what is gone by the Prometheus that is configured, else by the runbook's condition. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  generator,
  mendByHand,
  type Opened,
  openIncident,
  type Shop,
  startShop,
  stateOf,
} from './mitigated-world.ts';
import { replyWith } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const RATE = 'max by (service) (errors_percent) > 5';
const ELSEWHERE = 'http://prometheus.invalid';
const read = (shop: Shop): Promise<number> =>
  shop
    .query<{ n: string }>('select count(*) as n from readings where verdict is not null')
    .then(([row]) => Number(row?.n));

describe('an incident after something was done about it', () => {
  let shop: Shop;
  const reply = (opened: Opened, ...parts: string[]) =>
    replyWith(shop.world.workspace, opened.root.ts, ...parts);
  const escalates = async ({ root }: Opened): Promise<boolean> => {
    const id = /INC-(\d+)/u.exec(root.text)?.[1];
    return (
      (await shop.query(`select 1 from timers where kind = 'incident.escalate' and subject = ${id}`)).length >
      0
    );
  };

  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop?.stop());

  it('fires while its alert’s expression is true, and is mitigated when that is gone twice, and fires again when it is back', async () => {
    await shop.set({ 'errors_percent{service="api"}': 28.6 });
    const opened = await openIncident(
      shop,
      { alertname: 'HighErrorRate', service: 'api' },
      generator(ELSEWHERE, RATE),
    );
    await mendByHand(shop, opened);
    const told = await reply(
      opened,
      'Check after',
      'Every check is good',
      'Still true',
      '28.6',
      'HighErrorRate',
    );
    expect(told.text).not.toMatch(/mitigated/iu);
    await stateOf(shop, opened, 'firing');
    expect(await escalates(opened)).toBe(true);

    await shop.set({ 'errors_percent{service="api"}': 0.2 });
    await stateOf(shop, opened, 'mitigated');
    await reply(opened, 'No longer true');
    expect(await escalates(opened)).toBe(false);
    const [first] = await shop.query<{ seconds: number }>(
      `select extract(epoch from read_at - gone_since)::float8 as seconds from readings`,
    );
    expect(first?.seconds).toBeGreaterThan(0);

    await shop.set({ 'errors_percent{service="api"}': 31 });
    await stateOf(shop, opened, 'firing');
    await reply(opened, 'Still true', '31');
    expect(await escalates(opened)).toBe(true);

    await shop.world.restart('SIGKILL');
    await shop.set({ 'errors_percent{service="api"}': 0 });
    await stateOf(shop, opened, 'mitigated');
    await sendAlerts(shop.world, [{ ...opened, status: 'resolved' }], `{}:resolved`);
    await stateOf(shop, opened, 'resolved');
  });

  it('asks the configured Prometheus alone, whatever host the alert’s address has', async () => {
    await shop.set({ 'errors_percent{service="forged"}': 50 });
    const url = generator(shop.forged.url, RATE);
    const opened = await openIncident(shop, { alertname: 'HighErrorRate', service: 'forged' }, url);
    await mendByHand(shop, opened);
    await reply(opened, 'Still true', '50');
    await stateOf(shop, opened, 'firing');
    expect(shop.forged.asked()).toBe(0);
  });

  it('is not kept by another service’s series of the same expression', async () => {
    await shop.set({ 'errors_percent{service="one"}': 1, 'errors_percent{service="two"}': 90 });
    const opened = await openIncident(
      shop,
      { alertname: 'HighErrorRate', service: 'one' },
      generator(ELSEWHERE, RATE),
    );
    await mendByHand(shop, opened);
    await stateOf(shop, opened, 'mitigated');
  });

  it('finds the rule by its name when the address names no expression', async () => {
    await shop.set({ 'errors_percent{service="named"}': 17 });
    const opened = await openIncident(
      shop,
      { alertname: 'HighErrorRate', service: 'named' },
      `${ELSEWHERE}/graph`,
    );
    await mendByHand(shop, opened);
    await reply(opened, 'Still true', '17');
    await shop.set({ 'errors_percent{service="named"}': 0 });
    await stateOf(shop, opened, 'mitigated');
  });

  it('fires with 8 % free, though every unused volume is gone', async () => {
    await shop.set({ 'free_percent{mountpoint="/"}': 8, unused_volumes: 0 });
    const labels = { alertname: 'DiskSpaceRunningLow', mountpoint: '/' };
    const opened = await openIncident(
      shop,
      labels,
      generator(ELSEWHERE, 'min by (mountpoint) (free_percent) < 15'),
    );
    await mendByHand(shop, opened);
    await reply(opened, 'Still true', 'DiskSpaceRunningLow is 8');
    await stateOf(shop, opened, 'firing');
  });

  it('fires while its condition holds, whatever Prometheus says and however often people click Done', async () => {
    await shop.set({ unmatched_items: 14 });
    const opened = await openIncident(
      shop,
      { alertname: 'UnmatchedItems' },
      generator(ELSEWHERE, 'max(unmatched_items) > 100'),
    );
    await mendByHand(shop, opened);
    await reply(opened, 'Still true', '14 items are unmatched');
    await stateOf(shop, opened, 'firing');
    await shop.set({ unmatched_items: 3 });
    await stateOf(shop, opened, 'mitigated');
  });

  it('without a Prometheus: the condition decides, and where there is none Alertmanager alone ends it', async () => {
    await shop.set({ unmatched_items: 40 });
    const items = await openIncident(
      shop,
      { alertname: 'UnmatchedItems', service: 'api' },
      generator(ELSEWHERE, 'max(unmatched_items) > 10'),
    );
    const rate = await openIncident(
      shop,
      { alertname: 'HighErrorRate', service: 'away' },
      generator(ELSEWHERE, RATE),
    );
    await shop.prometheus.stop();
    await mendByHand(shop, rate);
    await reply(rate, 'Done; still firing until Alertmanager says otherwise', 'can’t be asked');
    expect(await escalates(rate)).toBe(true);
    await mendByHand(shop, items);
    await reply(items, 'Still true', '40 items');
    expect(await read(shop)).toBeGreaterThan(0);
    await stateOf(shop, rate, 'firing');
    await stateOf(shop, items, 'firing');
    await sendAlerts(shop.world, [{ ...rate, status: 'resolved' }], `{}:resolved`);
    await stateOf(shop, rate, 'resolved');
  });
});
