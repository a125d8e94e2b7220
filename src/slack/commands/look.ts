/** What people look up before they act: containers and links. */
import { ENGINE_SERVICE } from '../../domain/bind-runbook.ts';
import { lookupStep } from '../../domain/log-lines.ts';
import type { ServiceEntry, System } from '../../domain/runbook.ts';
import { escapeCode, escapeMrkdwn } from '../../domain/text.ts';
import { askService } from '../../engine/checks/ask-service.ts';
import type { SlackContext } from '../slack-context.ts';
import { aboutSystem, listed } from './about-system.ts';

async function containerLine(context: SlackContext, system: System, entry: ServiceEntry): Promise<string> {
  const found = await askService(context.engine, system.name, lookupStep(entry.name, 'docker.container'));
  const { state, health, restart_count: restarts, oom_killed: killed } = found.facts;
  const more = [
    health === null || health === undefined ? null : `health ${health}`,
    Number(restarts ?? 0) > 0 ? `${restarts} restarts` : null,
    killed === true ? 'OOMKilled' : null,
  ].filter((part) => part !== null);
  const says = [state ?? found.reason ?? found.state, ...more].join(' · ');
  return `• *${entry.name}* (\`${escapeCode(entry.target.container ?? '')}\`) ${escapeMrkdwn(says)}`;
}

/** Workers, and what was left behind: in the system's Compose projects, and no service of the catalog. */
async function otherLines(context: SlackContext, system: System): Promise<readonly string[]> {
  const found = await askService(context.engine, system.name, lookupStep(ENGINE_SERVICE, 'docker.ps'));
  if (found.output === undefined)
    return [
      `Other containers of its Compose projects can’t be listed: ${escapeMrkdwn(found.reason ?? found.state)}`,
    ];
  const strangers = String(found.facts.names ?? '');
  if (strangers === '') return [];
  const names = strangers.split(', ');
  const rows = found.output.split('\n').filter((row) => names.some((name) => row.startsWith(`${name} `)));
  return [
    `*Others of its Compose projects* (workers, or left behind): ${names.length}`,
    ...rows.map((row) => `• ${escapeMrkdwn(row.replace(/ {2,}/gu, ' · ').trim())}`),
  ];
}

export const ps = aboutSystem(
  'ps',
  'ps SYSTEM',
  'the state of each of its containers, and of all that its Compose projects have',
  async (context, system) => {
    const entries = system.services.filter((entry) => entry.target.container !== null);
    const lines = await Promise.all(entries.map((entry) => containerLine(context, system, entry)));
    const others = await otherLines(context, system);
    return listed(`Containers of ${system.name}`, [...lines, ...others], 'None is known to the catalog.');
  },
);

export const links = aboutSystem('links', 'links SYSTEM', 'its dashboards and tools', (_, system) => {
  const lines = system.links.map((link) => `• <${link.url}|${escapeMrkdwn(link.title)}>`);
  return listed(`Links of ${system.name}`, lines, 'None is known to the catalog.');
});
