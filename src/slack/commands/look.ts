/** What people look up before they act: containers and links. */
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

export const ps = aboutSystem(
  'ps',
  'ps SYSTEM',
  'the state of each of its containers',
  async (context, system) => {
    const entries = system.services.filter((entry) => entry.target.container !== null);
    const lines = await Promise.all(entries.map((entry) => containerLine(context, system, entry)));
    return listed(`Containers of ${system.name}`, lines, 'None is known to the catalog.');
  },
);

export const links = aboutSystem('links', 'links SYSTEM', 'its dashboards and tools', (_, system) => {
  const lines = system.links.map((link) => `• <${link.url}|${escapeMrkdwn(link.title)}>`);
  return listed(`Links of ${system.name}`, lines, 'None is known to the catalog.');
});
