/** The TLS probe against Node's own TLS server, with certificates of every kind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authority, days, issue, type Wanted } from '../servers/certificate.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

let authority: Authority;
let dir: string;
let ca: string;
beforeAll(() => {
  authority = issue({ names: ['Test Authority'] });
  dir = mkdtempSync(join(tmpdir(), 'pageturner-tls-'));
  ca = join(dir, 'ca.pem');
  writeFileSync(ca, authority.cert);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Asks a receiver that shows such a certificate. */
async function receiver(wanted: Omit<Wanted, 'by'>, settings: Record<string, unknown> = {}, own = false) {
  const { cert, key } = issue(own ? wanted : { ...wanted, by: authority });
  const server = createServer({ cert, key });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `tls://127.0.0.1:${(server.address() as AddressInfo).port}?servername=receiver.test`;
  const before = openSockets();
  const result = await ask('tls', url, { settings });
  expect(openSockets()).toBeLessThanOrEqual(before + 1);
  await new Promise((resolve) => server.close(resolve));
  return result;
}

test('a trusted certificate for the name is up, with the days it is good for', async () => {
  const result = await receiver({ names: ['receiver.test'], to: days(90.5) }, { ca });
  expect(result).toMatchObject({
    state: 'up',
    facts: { days_left: 90, trusted: true, subject: 'receiver.test', issuer: 'Test Authority' },
  });
  expect(result.facts.names).toBe('DNS:receiver.test');
});

test('one that ends soon is degraded', async () => {
  const result = await receiver({ names: ['receiver.test'], to: days(5.5) }, { ca });
  expect(result).toMatchObject({ state: 'degraded', reason: 'certificate expires in 5 days, fewer than 14' });
});

test('one that has expired is down', async () => {
  const result = await receiver({ names: ['receiver.test'], from: days(-9), to: days(-2) }, { ca });
  expect(result.state).toBe('down');
  expect(result.reason).toMatch(/^certificate has expired/u);
});

test('one that is not valid yet is down', async () => {
  const result = await receiver({ names: ['receiver.test'], from: days(2) }, { ca });
  expect(result).toMatchObject({ state: 'down', reason: 'certificate is not valid yet' });
});

test('one for another name is down, and says for which', async () => {
  const result = await receiver({ names: ['other.test'] }, { ca });
  expect(result).toMatchObject({
    state: 'down',
    reason: 'certificate is for another name than receiver.test: DNS:other.test',
  });
});

test('one that nobody vouches for is degraded', async () => {
  const unknown = await receiver({ names: ['receiver.test'] });
  expect(unknown.state).toBe('degraded');
  expect(unknown.reason).toMatch(/certificate (is signed by an unknown authority|chain is not complete)/u);
  expect(await receiver({ names: ['receiver.test'] }, {}, true)).toMatchObject({
    state: 'degraded',
    reason: 'certificate is self-signed',
    facts: { trusted: false },
  });
});
