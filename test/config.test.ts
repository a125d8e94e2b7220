import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Row } from '../src/config/row.ts';
import { VARIABLES } from '../src/config/variables.ts';
import { ConfigError, type Env, loadConfig, readSetting } from '../src/config.ts';

const slack = {
  SLACK_BOT_TOKEN: 'xoxb-1234',
  SLACK_SIGNING_SECRET: 'abcdefgh',
  PAGETURNER_ENV: 'test',
  ALERTMANAGER_WEBHOOK_TOKEN: 'token-token',
};
const schemeOf = (says: string): string => /(\w+):\/\//u.exec(says)?.[1] ?? '';
function problems(env: Env): readonly string[] {
  try {
    loadConfig(env, '/');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('needs nothing for local mode, on loopback', () => {
    const config = loadConfig({}, '/');
    expect(config).toMatchObject({
      port: 4280,
      host: '127.0.0.1',
      slack: null,
      environment: 'dev',
      mode: 'act',
    });
  });
  it('pages by a webhook, or by a routing key alone, and keeps both secret', () => {
    expect(loadConfig({}, '/').paging).toBeNull();
    const own = loadConfig({ PAGING_WEBHOOK_URL: 'https://pages.invalid/hook/abc' }, '/');
    expect(own.paging).toEqual({ url: 'https://pages.invalid/hook/abc', routingKey: null });
    expect(own.secrets).toContain('https://pages.invalid/hook/abc');
    const keyed = loadConfig({ PAGING_ROUTING_KEY: 'a-routing-key' }, '/');
    expect(keyed.paging).toEqual({
      url: 'https://events.pagerduty.com/v2/enqueue',
      routingKey: 'a-routing-key',
    });
    expect(keyed.secrets).toContain('a-routing-key');
    expect(problems({ PAGING_WEBHOOK_URL: 'pages.invalid' })).toEqual([
      expect.stringMatching(/^PAGING_WEBHOOK_URL:/u),
    ]);
  });
  it.each([
    ['an environment that isn’t dev without Slack', { PAGETURNER_ENV: 'test' }, /^SLACK_BOT_TOKEN: missing/],
    ['local mode on an address that isn’t loopback', { HOST: '0.0.0.0' }, /^HOST:/],
    ['Slack without an environment', { ...slack, PAGETURNER_ENV: '' }, /^PAGETURNER_ENV: missing/],
    [
      'Slack without a signing secret or app token',
      { ...slack, SLACK_SIGNING_SECRET: '' },
      /^SLACK_SIGNING_SECRET: missing/,
    ],
    ['Slack without a bot token', { ...slack, SLACK_BOT_TOKEN: '' }, /^SLACK_BOT_TOKEN: missing/],
    [
      'Slack without webhook credentials',
      { ...slack, ALERTMANAGER_WEBHOOK_TOKEN: '' },
      /^ALERTMANAGER_WEBHOOK_TOKEN: missing/,
    ],
    [
      'a user without a password',
      { ...slack, ALERTMANAGER_WEBHOOK_USER: 'am' },
      /^ALERTMANAGER_WEBHOOK_PASSWORD: missing/,
    ],
    ['production without an audit key', { ...slack, PAGETURNER_ENV: 'prod' }, /^AUDIT_KEY: missing/],
    [
      'a role that needs a shared database',
      { ...slack, PAGETURNER_ROLE: 'worker', AUDIT_KEY: 'x'.repeat(20) },
      /^DATABASE_URL: missing/,
    ],
    ['a database URL that is none', { ...slack, DATABASE_URL: 'mysql://x' }, /^DATABASE_URL:.*postgres:\/\//],
    ['a port that is none', { PORT: '99999' }, /^PORT:.*e\.g\. PORT=4280/],
    ['a duration that is none', { APPROVAL_EXPIRES_ALERT: 'soon' }, /^APPROVAL_EXPIRES_ALERT:.*15m/],
    [
      'a file that isn’t there',
      { ...slack, AUDIT_KEY_FILE: '/nowhere/at/all' },
      /^AUDIT_KEY_FILE: can't read/,
    ],
    ['a look every few milliseconds', { HEALTH_EVERY: '5ms' }, /^HEALTH_EVERY:.*at least 1s.*60s/],
    ['an audit key that can be guessed', { AUDIT_KEY: 'short' }, /^AUDIT_KEY: shorter than 16/],
    [
      'a queue that is none',
      { REDIS_URL: 'http://x' },
      /^REDIS_URL:.*e\.g\. REDIS_URL=.* or REDIS_URL=redis\+/,
    ],
    ['an unknown environment', { PAGETURNER_ENV: 'live' }, /^PAGETURNER_ENV: "live".*dev, test, prod/],
    ['an unknown mode', { PAGETURNER_MODE: 'watch' }, /^PAGETURNER_MODE:.*act, observe/],
  ])('refuses %s in one line that names the variable', (_, env, expected) => {
    const [only, ...more] = problems(env);
    expect(more).toEqual([]);
    expect(only).toMatch(expected);
    expect(only).toMatch(/e\.g\. |starts only|can't read/);
  });
  it.each(
    Object.entries<Row>(VARIABLES)
      .filter(([, { form }]) => form.says.startsWith('an address'))
      .flatMap(([name, { form }]) =>
        ['%', '%zz', '%ff'].map((bad) => [name, schemeOf(form.says), bad] as const),
      ),
  )('refuses %s in one line when its password holds a bare %3$s', (name, scheme, bad) => {
    for (const value of [`${scheme}://user:pass${bad}@127.0.0.1/x`, `${scheme}://127.0.0.1/${bad}`]) {
      const lines = problems({ ...slack, PAGETURNER_ENV: 'test', [name]: value });
      expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name}: .*%25; e\\.g\\. ${name}=`, 'u'))]);
      expect(lines.join()).not.toContain(`pass${bad}`);
    }
  });
  it('doesn’t call missing what is there but malformed', () => {
    const env = { ...slack, PAGETURNER_ROLE: 'worker', AUDIT_KEY: 'short', DATABASE_URL: 'nowhere' };
    expect(problems(env)).toEqual([
      expect.stringMatching(/^DATABASE_URL: not an address/),
      expect.stringMatching(/^AUDIT_KEY: shorter/),
    ]);
  });
  it('knows the password inside an address as a secret, as written and decoded', () => {
    const env = { DATABASE_URL: 'postgres://u:p%40ss@h/db', REDIS_URL: 'redis+sentinel://:q%40ss@h:1/m' };
    expect(loadConfig(env, '/').secrets).toEqual(expect.arrayContaining(['p@ss', 'q@ss']));
  });
  it('gives a command one variable, its default, or one line', () => {
    expect(readSetting({}, 'RUNBOOKS_DIR')).toBe('runbooks');
    expect(readSetting({ UNDO_MAX_BYTES: '12' }, 'UNDO_MAX_BYTES')).toBe(12);
    expect(() => readSetting({ DATABASE_URL: 'postgres://u:%@h/d' }, 'DATABASE_URL')).toThrow(
      /^DATABASE_URL: /,
    );
  });
  it('reads nothing that nobody uses', () => {
    const src = fileURLToPath(new URL('../src/', import.meta.url));
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.ts$/u.test(name),
    );
    const code = files.map((name) => readFileSync(join(src, name), 'utf8')).join('\n');
    const used = (name: string): boolean =>
      new RegExp(`values\\.${name}\\b|readSetting\\(\\w+, '${name}'\\)`, 'u').test(code);
    expect(Object.keys(VARIABLES).filter((name) => !used(name))).toEqual([]);
  });
  it('looks at health every minute, or never', () => {
    expect(loadConfig({}, '/').healthEveryMs).toBe(60_000);
    expect(loadConfig({ HEALTH_EVERY: 'off' }, '/').healthEveryMs).toBeNull();
  });
  it('names every bad variable at once', () => {
    expect(problems({ PORT: 'x', LOG_LEVEL: 'loud', UNDO_MAX_BYTES: '-1' })).toHaveLength(3);
  });
  it('reads a secret from a file, and knows it as a secret', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pageturner-config-')), 'token');
    writeFileSync(file, 'from-a-file\n');
    const config = loadConfig({ ...slack, SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: file }, '/');
    expect(config.slack?.botToken).toBe('from-a-file');
    expect(config.secrets).toContain('from-a-file');
  });
});
