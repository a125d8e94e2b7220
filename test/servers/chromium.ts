/** A real browser, with a profile of its own, that calls nobody. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from './program.ts';

export interface ChromiumBrowser {
  /** The first page. */
  readonly page: Page;
  readonly context: BrowserContext;
  newPage(): Promise<Page>;
  stop(): Promise<void>;
}

const START_MS = 30_000;
const VIEWPORT = { width: 1280, height: 800 };
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `CHROMIUM` names another program than Debian's. */
export async function launchChromium(): Promise<ChromiumBrowser> {
  const given = process.env.CHROMIUM;
  const executablePath =
    given !== undefined && existsSync(given) ? given : await findProgram('chromium', 'chromium');
  const profile = mkdtempSync(join(tmpdir(), 'pageturner-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: FLAGS,
    headless: true,
    timeout: START_MS,
    viewport: VIEWPORT,
  });
  return {
    page: context.pages()[0] ?? (await context.newPage()),
    context,
    newPage: () => context.newPage(),
    async stop() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
