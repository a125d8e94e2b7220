import type { Page } from 'playwright-core';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import { drawChart } from '../../../src/pictures/draw-chart.ts';
import { launchChromium } from '../../servers/chromium.ts';
import { type OpenServer, openServer, ops } from './open-server.ts';

const SOON = { timeout: 10_000 };
const HOSTILE =
  '<img src=x onerror=alert(1)> &lt;b&gt; *bold* <https://example.com|a link> <javascript:alert(1)|no link>';

describe('the page', () => {
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let server: OpenServer;
  let page: Page;
  let pressed: string[];
  let answer: { body?: string; afterMs?: number };
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.stop());
  beforeEach(async () => {
    pressed = [];
    answer = {};
    server = await openServer(
      {
        sandbox: {
          state: async () => ({
            lines: [`Redis: ${pressed.length === 0 ? '4' : '92'} %`],
            buttons: [{ id: 'fill', title: 'Fill Redis', note: 'raises HighMemoryUsage' }],
          }),
          press: async (id) => {
            pressed.push(id);
          },
        },
      },
      () => answer,
    );
    page = await browser.context.newPage();
    await page.goto(server.url);
    return async () => {
      await page.close();
      await server.stop();
    };
  });
  const post = (text: string, extra: object = {}) =>
    server.slack.chat.postMessage({ channel: ops, text, ...extra });
  const message = (ts: string | undefined) => page.locator(`#messages [data-ts="${ts}"]`);
  const told = () => expect.poll(() => server.told.length, SOON).toBe(1);

  it('shows App Home of whoever acts, opened anew for each, and goes back to the channel', async () => {
    await page.getByRole('button', { name: 'App Home' }).click();
    await told();
    expect(server.told[0]?.body).toContain('app_home_opened');
    await page.getByText('Nothing has been published here yet').waitFor(SOON);
    const me = await page.locator('input[name=me]:checked').inputValue();
    const text = { type: 'mrkdwn' as const, text: `${HOSTILE} *3 of 3 up*` };
    await server.slack.views.publish({
      user_id: me,
      view: { type: 'home', blocks: [{ type: 'section', text }] },
    });
    await page.locator('.home strong, .home b').filter({ hasText: '3 of 3 up' }).waitFor(SOON);
    expect(await page.locator('#composer').isVisible()).toBe(false);
    expect(await page.locator('.home img').count()).toBe(0);
    await page.getByRole('button', { name: '# ops-shared' }).click();
    expect(await page.locator('#composer').isVisible()).toBe(true);
    expect(await page.locator('.home').count()).toBe(0);
  });

  it('shows a picture that was uploaded', async () => {
    const points = Array.from({ length: 120 }, (_, i) => [i * 30_000, 40 + i / 3] as const);
    const png = drawChart({
      ...{ kind: 'time', title: 'Redis, memory in use', unit: 'percent', threshold: 70, left: 0 },
      ...{ from: 0, to: 3_600_000, series: [{ name: 'redis', points }] },
    });
    await server.slack.filesUploadV2({ filename: 'picture.png', file: png });
    const [file] = server.workspace.store.files.values();
    const image = { type: 'image' as const, slack_file: { id: file?.id ?? '' }, alt_text: 'memory in use' };
    const { ts } = await post('a picture', { blocks: [image] });
    const shown = message(ts).getByRole('img', { name: 'memory in use' });
    await shown.waitFor(SOON);
    const width = () => page.evaluate(`document.querySelector('img[alt="memory in use"]')?.naturalWidth`);
    await expect.poll(width, SOON).toBe(1320);
  });

  it('shows what is written, at once, and sends a command as the acting person', async () => {
    const box = page.getByRole('textbox', { name: 'Message or command' });
    await box.fill('hello, everybody');
    await box.press('Enter');
    await page.getByRole('log').getByText('hello, everybody').waitFor(SOON);
    await page.getByRole('radio', { name: 'Sam' }).check();
    await page.getByText('Acting as Sam · Developer').waitFor(SOON);
    await page.getByRole('button', { name: '/ops health moalog' }).click();
    await box.press('Enter');
    await told();
    expect(server.told[0]?.form.get('user_id')).toBe(PEOPLE.developer.id);
    expect(server.told[0]?.form.get('text')).toBe('health moalog');
  });

  it('opens a new incident’s thread by itself, and counts its replies', async () => {
    const root = await post('INC-1 HighMemoryUsage firing');
    await post('Diagnosis', { thread_ts: root.ts });
    await page.locator(`[data-thread="${root.ts}"]`).getByText('Diagnosis').waitFor(SOON);
    await message(root.ts)
      .getByRole('button', { name: /^1 reply/u })
      .waitFor(SOON);
    await page.getByRole('button', { name: 'Close the thread' }).click();
    await page.locator('#thread').waitFor({ ...SOON, state: 'hidden' });
  });

  it('asks a button’s own question first, and clicks as the guest', async () => {
    const words = (text: string) => ({ type: 'plain_text', text });
    const confirm = {
      title: words('Sure?'),
      text: words('It asks.'),
      confirm: words('Ask'),
      deny: words('Not now'),
    };
    const flush = {
      type: 'button',
      action_id: 'flush',
      text: words('Flush'),
      value: 'v',
      style: 'danger',
      confirm,
    };
    const { ts } = await post('step', { blocks: [{ type: 'actions', elements: [flush] }] });
    await page.getByRole('radio', { name: 'Gil' }).check();
    const button = message(ts).getByRole('button', { name: 'Flush' });
    await button.click();
    await page.getByRole('button', { name: 'Not now' }).click();
    expect(server.told).toEqual([]);
    await button.click();
    await page.getByRole('button', { name: 'Ask' }).click();
    await told();
    expect(server.told[0]?.payload).toMatchObject({
      user: { id: PEOPLE.guest.id },
      actions: [{ value: 'v' }],
    });
  });

  it('shows an ephemeral message to its person alone', async () => {
    await server.slack.chat.postEphemeral({ channel: ops, user: PEOPLE.guest.id, text: 'not authorised' });
    await post('for all');
    await page.getByText('for all').waitFor(SOON);
    expect(await page.getByText('not authorised').count()).toBe(0);
    await page.getByRole('radio', { name: 'Gil' }).check();
    await page.getByText('not authorised').waitFor(SOON);
    await page.getByText('Only visible to you').waitFor(SOON);
  });

  it('shows a dialog, and sends what is filled in', async () => {
    await server.workspace.as(PEOPLE.lead.id).command('/ops deny STEP-1');
    const words = (text: string) => ({ type: 'plain_text', text });
    const view = {
      type: 'modal',
      title: words('Deny this step'),
      submit: words('Deny'),
      blocks: [
        {
          type: 'input',
          block_id: 'reason',
          label: words('Why?'),
          element: { type: 'plain_text_input', action_id: 'text', multiline: true },
        },
      ],
    };
    const trigger_id = server.told[0]?.form.get('trigger_id') ?? '';
    await server.slack.apiCall('views.open', { trigger_id, view });
    const dialog = page.getByRole('dialog', { name: 'Deny this step' });
    await dialog.getByLabel('Why?').fill('too risky');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.waitFor({ ...SOON, state: 'hidden' });
    expect(server.told[1]?.payload).toMatchObject({
      view: { state: { values: { reason: { text: { value: 'too risky' } } } } },
    });
  });

  it('makes text of text, and links only of what can’t run', async () => {
    const { ts } = await post(HOSTILE);
    await message(ts).waitFor(SOON);
    const text = message(ts).locator('.block-text');
    expect(await text.textContent()).toContain('<b> bold a link no link');
    expect(await text.locator('strong').textContent()).toBe('bold');
    expect(await text.locator('a').count()).toBe(1);
    expect(await text.locator('img').count()).toBe(0);
  });

  it('presses the sandbox’s buttons and shows what became of it', async () => {
    await page.getByRole('button', { name: 'Fill Redis' }).click();
    await page.getByText('Redis: 92 %').waitFor(SOON);
    expect(pressed).toEqual(['fill']);
  });

  it('says so when the bot takes longer than three seconds', async () => {
    answer = { afterMs: 3500 };
    const box = page.getByRole('textbox', { name: 'Message or command' });
    await box.fill('/ops slow');
    await box.press('Enter');
    await page.getByRole('alert').getByText('took longer than 3 seconds').waitFor(SOON);
  });
});

describe('who may see the page', () => {
  it('is a browser on this machine, under this machine’s name, and no other site in it', async () => {
    const server = await openServer();
    const status = async (path: string, options: Parameters<typeof request>[1] = {}) => {
      const { statusCode, body } = await request(`${server.url}${path}`, options);
      await body.dump();
      return statusCode;
    };
    const body = JSON.stringify({
      as: PEOPLE.lead.id,
      kind: 'message',
      channel: ops,
      threadTs: null,
      text: 'x',
    });
    expect(await status('/')).toBe(200);
    expect(await status('/', { headers: { host: 'rebound.example' } })).toBe(403);
    expect(await status('/slack-workspace/state', { headers: { host: 'rebound.example:4280' } })).toBe(403);
    expect(await status('/slack-workspace/act', { method: 'POST', body })).toBe(403);
    expect(await status('/slack-workspace/page/..%2findex.ts')).toBe(404);
    expect(server.workspace.store.messages()).toEqual([]);
    await server.stop();
  });
});
