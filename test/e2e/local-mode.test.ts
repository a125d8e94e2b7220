import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../servers/chromium.ts';
import { type BotProcess, runCli, startBotProcess } from './bot.ts';

const PATIENCE = { timeout: 30_000 };

describe('with nothing configured', () => {
  let dataDir: string;
  let bot: BotProcess;
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'pageturner-local-'));
    bot = await startBotProcess({ PAGETURNER_DATA: dataDir, DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    browser = await launchChromium();
    page = browser.page;
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(bot.url);
  });
  afterAll(async () => {
    await browser?.stop();
    await bot?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const messages = () => page.getByRole('log', { name: /Messages in ops-shared/ });
  const thread = () => page.getByRole('region', { name: 'Thread' });
  const actAs = (name: string) =>
    page.getByRole('group', { name: 'Acting as' }).getByText(name, { exact: true }).click();

  it('says on its first screen what to try', () => {
    expect(bot.output()).toContain(`Open ${bot.url}/`);
    expect(bot.output()).toContain('/ops health moalog');
  });

  it('answers /ops health moalog in the page', async () => {
    const box = page.getByRole('textbox', { name: 'Message or command' });
    await box.fill('/ops health moalog');
    await box.press('Enter');
    await messages().getByText('12 of 12 answered').waitFor(PATIENCE);
    for (const name of ['moalog-server', 'fluxpay-engine', 'redis', 'jaeger'])
      await messages().getByText(name, { exact: true }).first().waitFor(PATIENCE);
  });

  it('lets a newcomer do the whole story by hand', async () => {
    await page.getByRole('button', { name: 'Fill Redis' }).click();
    await thread().getByText('Diagnosis').waitFor(PATIENCE);
    await thread().getByText('confirmed').waitFor(PATIENCE);
    await actAs('Sam');
    await thread().getByRole('button', { name: 'Flush the cache database' }).click();
    await thread().getByText('waits for a decision').waitFor(PATIENCE);
    await thread().getByRole('button', { name: 'Approve' }).click();
    await thread().getByText('not authorised').waitFor(PATIENCE);
    await actAs('Tara');
    await thread().getByRole('button', { name: 'Approve' }).click();
    await thread().getByText('Undo made and checked').waitFor(PATIENCE);
    await messages().getByText('mitigated', { exact: true }).waitFor(PATIENCE);
    await messages().getByText('resolved', { exact: true }).waitFor(PATIENCE);
    await thread().getByText('Timeline of INC-1').waitFor(PATIENCE);
    expect(await thread().getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('has it all in the audit log, which a terminal can check while it runs', async () => {
    const { code, stdout } = await runCli(['audit', 'verify'], { PAGETURNER_DATA: dataDir });
    expect(stdout).toMatch(/^audit: [1-9]\d* entries, head [0-9a-f]{64}\n$/u);
    expect(code).toBe(0);
  });

  it('keeps everything over a kill -9, and goes on with the same database and Redis', async () => {
    const port = new URL(bot.url).port;
    await bot.kill('SIGKILL');
    bot = await startBotProcess({
      PAGETURNER_DATA: dataDir,
      PORT: port,
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
    });
    await page.reload();
    await messages().getByText('resolved', { exact: true }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Fill Redis' }).click();
    await messages().getByText('firing', { exact: true }).waitFor(PATIENCE);
  });

  it('is for a browser on this machine: another host name or a foreign page gets nothing', async () => {
    const foreign = await request(`${bot.url}/slack-workspace/state`, { headers: { host: 'evil.example' } });
    await foreign.body.dump();
    expect(foreign.statusCode).toBe(403);
    const forged = await fetch(`${bot.url}/slack-workspace/act`, { method: 'POST', body: '{}' });
    expect(forged.status).toBe(403);
  });

  it('ends within ten seconds of SIGTERM, and leaves no database behind', async () => {
    const begun = performance.now();
    expect(await bot.kill('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const { code, stderr } = await runCli(['audit', 'verify'], { PAGETURNER_DATA: dataDir });
    expect(code).toBe(3);
    expect(stderr).toContain('DATABASE_URL');
  });
});
