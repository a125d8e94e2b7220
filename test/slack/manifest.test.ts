import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { NODE } from '../e2e/bot.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** docs.slack.dev, each method's page: the scopes of a bot that calls it, in public and private channels. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write', 'chat:write.public'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.list': ['channels:read', 'groups:read'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'views.open': [],
  'views.publish': [],
};
/** docs.slack.dev, each event's page. */
const EVENT_SCOPES: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  reaction_added: ['reactions:read'],
};
/** A command has a scope of its own; the names of shared files are read. */
const ALWAYS = ['commands', 'files:read'];

const sources = readdirSync(join(ROOT, 'src/slack'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(join('src/slack', file)));
const found = (pattern: RegExp): readonly string[] =>
  [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')))].sort();
const methods = found(/'((?:auth|chat|conversations|files|usergroups|users|views)\.[A-Za-z.]+)'/gu);
const events = found(/app\.event\(\s*'([a-z_]+)'/gu);
const shortcuts = found(/_SHORTCUT = '([a-z.]+)'/gu);

const shape = z.object({
  features: z.object({
    shortcuts: z.array(z.object({ callback_id: z.string(), type: z.literal('message') })),
    slash_commands: z.array(
      z.object({ url: z.string().optional(), should_escape: z.literal(true), usage_hint: z.string() }),
    ),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()), request_url: z.string().optional() }),
    interactivity: z.object({ is_enabled: z.literal(true), request_url: z.string().optional() }),
    socket_mode_enabled: z.boolean(),
    org_deploy_enabled: z.literal(false),
  }),
});

describe.each(['slack-manifest.yml', 'slack-manifest.http.yml'])('%s', (file) => {
  const manifest = shape.parse(parse(read(file)));

  test('asks for what the code uses, and no more', () => {
    expect(methods.filter((method) => SCOPES[method] === undefined)).toEqual([]);
    const needed = [
      ...methods.flatMap((method) => SCOPES[method] ?? []),
      ...events.flatMap((event) => EVENT_SCOPES[event] ?? ['?']),
      ...ALWAYS,
    ];
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...new Set(needed)].sort());
    expect([...manifest.settings.event_subscriptions.bot_events].sort()).toEqual(events);
    expect(manifest.features.shortcuts.map((shortcut) => shortcut.callback_id)).toEqual(shortcuts);
  });

  test('is of the type that Slack’s own client knows', () => {
    const program = join(ROOT, 'test', 'slack', `of-type-${process.pid}.ts`);
    const json = JSON.stringify(parse(read(file)), null, 2);
    writeFileSync(
      program,
      `import type { WebClient } from '@slack/web-api';\n` +
        `type Manifest = Exclude<Parameters<WebClient['apps']['manifest']['create']>[0], undefined>['manifest'];\n` +
        `export const manifest = ${json} as const satisfies Manifest;\n`,
    );
    try {
      const args = [
        join(ROOT, 'node_modules/typescript/bin/tsc'),
        ...'--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --moduleResolution nodenext --target es2024'.split(
          ' ',
        ),
        program,
      ];
      const { status, stdout } = spawnSync(NODE, args, { encoding: 'utf8' });
      expect(stdout).toBe('');
      expect(status).toBe(0);
    } finally {
      rmSync(program);
    }
  });
});

test('over HTTP every request goes to the host that is named in one place; Socket Mode needs none', () => {
  const http = shape.parse(parse(read('slack-manifest.http.yml')));
  const text = read('slack-manifest.http.yml').replace(/^#.*$/gmu, '');
  expect(text.match(/YOUR-HOST/gu)).toHaveLength(1);
  const url = 'https://YOUR-HOST/slack/events';
  expect(http.features.slash_commands.map((command) => command.url)).toEqual([url]);
  expect(http.settings.event_subscriptions.request_url).toBe(url);
  expect(http.settings.interactivity.request_url).toBe(url);
  expect(http.settings.socket_mode_enabled).toBe(false);
  const socket = shape.parse(parse(read('slack-manifest.yml')));
  expect(socket.settings.socket_mode_enabled).toBe(true);
  expect(read('slack-manifest.yml')).not.toContain('https://');
});
