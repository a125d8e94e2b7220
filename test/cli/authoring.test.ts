/** What those who write runbooks use: a skeleton, and tests that play a runbook without production. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../e2e/bot.ts';

describe('authoring', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-authoring-'));
  const runbooks = join(dir, 'runbooks');
  const cli = (...args: readonly string[]) => runCli(args, { RUNBOOKS_DIR: runbooks });
  const played = join(runbooks, 'moalog', 'tests', 'redis-memory-pressure.yaml');

  beforeAll(() => cpSync('runbooks', runbooks, { recursive: true }));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('pageturner test plays every test of the project’s own runbooks', async () => {
    const { code, stdout } = await cli('test');
    expect(stdout).toMatch(/tests passed in \d+ files, 0 files failed\n$/u);
    expect(code).toBe(0);
  });

  it.each([
    ['state: mitigated', 'state: firing', /:26:14: .*state was mitigated; expected firing/u],
    ['{ memory: degraded,', '{ memory: down,', /diagnosis\.memory was degraded; expected down/u],
    ['rollback-authority', 'on-call', /asked\.redis\.flushdb was rollback-authority; expected on-call/u],
    ['says: [Redis uses 93', 'says: [Redis uses 94', /nothing says "Redis uses 94/u],
    ['redis.config:', 'redis.konfig:', /there is no probe "redis\.konfig"; did you mean "redis\.config"\?/u],
    [
      '        redis.config: { state: up, facts: { value: noeviction } }\n',
      '',
      /no answer is recorded for policy: redis\.config on redis/u,
    ],
    [
      'HighMemoryUsage, service: redis, severity',
      'HighMemoryUsages, service: redis, severity',
      /no runbook of moalog has a trigger for these labels/u,
    ],
    ['proposes: []', 'propozes: []', /unknown key "propozes".*did you mean "proposes"/u],
  ])('a difference is one line at its place: %s → %s', async (from, to, line) => {
    const before = readFileSync(played, 'utf8');
    writeFileSync(played, before.replace(from, to));
    const { code, stdout } = await cli('test', played);
    writeFileSync(played, before);
    expect(stdout).toMatch(line);
    expect(code).toBe(1);
  });

  it('pageturner new writes a skeleton that passes the lint, and never over a file', async () => {
    for (const id of ['moalog/my-page', 'butler/operations/my-page']) {
      const made = await cli('new', id);
      expect(made.stdout).toContain(`${id}.yaml is written`);
      expect(made.code).toBe(0);
      expect((await cli('new', id)).code).toBe(1);
      expect((await cli('run', id, '--dry')).code).toBe(0);
    }
    const lint = await cli('lint');
    expect(lint.stdout).toContain('no problem');
    expect((await cli('new', 'moalgo/x')).stderr).toContain('did you mean moalog?');
    expect((await cli('new', 'moalog/X y')).code).toBe(2);
  });
});
