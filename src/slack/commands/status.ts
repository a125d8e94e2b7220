/** `/ops status`: what is open now. */
import { incidentId, stepId } from '../../domain/ids.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import { openIncidents } from '../../journal/incidents.ts';
import { openRequests } from '../../journal/requests.ts';
import { moment } from '../blocks.ts';
import type { Command } from './command.ts';

export const status: Command = {
  name: 'status',
  usage: 'status',
  says: 'open incidents and what waits for a decision',
  async run({ engine }) {
    const incidents = await openIncidents(engine.journal.pool, 30);
    const requests = await openRequests(engine.journal.pool);
    const lines = [
      incidents.length === 0 ? 'No incident is open.' : `*Open incidents* (${incidents.length})`,
      ...incidents.map(
        (i) =>
          `• ${incidentId(i.id)} ${escapeMrkdwn(i.alertname)} · ${escapeMrkdwn(i.system ?? 'no system')}${i.service === null ? '' : ` / ${escapeMrkdwn(i.service)}`} · ${i.state} · since ${moment(i.openedAt)}`,
      ),
      requests.length === 0
        ? 'Nothing waits for a decision.'
        : `*Waiting for a decision* (${requests.length})`,
      ...requests.map(
        (r) =>
          `• ${stepId(r.stepId)} \`${r.plan.action}\` on ${r.plan.system} / ${r.plan.service} · expires ${moment(r.decideBy)}`,
      ),
    ];
    return lines.join('\n');
  },
};
