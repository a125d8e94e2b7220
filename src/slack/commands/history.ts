/** What was: `/ops incidents`, `/ops report`, `/ops audit`. */
import { incidentId } from '../../domain/ids.ts';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { readReport } from '../../engine/reading/read-report.ts';
import { auditHead, lastAudit } from '../../journal/audit-chain.ts';
import { type IgnoredAlert, readIgnored } from '../../journal/ignored-alerts.ts';
import { recentIncidents } from '../../journal/incidents.ts';
import { answerLong } from '../answer-long.ts';
import { actor, moment } from '../blocks.ts';
import type { Command } from './command.ts';

const INCIDENTS_SHOWN = 30;
const IGNORED_SHOWN = 10;
const AUDIT_SHOWN = 25;

export const incidents: Command = {
  name: 'incidents',
  usage: 'incidents [SYSTEM]',
  says: `the last ${INCIDENTS_SHOWN} incidents, open ones first`,
  async run({ engine }, ask) {
    const system = ask.words[0]?.toLowerCase() ?? null;
    const rows = await recentIncidents(engine.journal.pool, system, INCIDENTS_SHOWN);
    const ignored = system === null ? await readIgnored(engine.journal.pool, IGNORED_SHOWN) : [];
    if (rows.length === 0 && ignored.length === 0)
      return system === null
        ? 'There has been no incident yet.'
        : `There has been no incident of “${oneLine(system, 60)}”.`;
    return [
      `*Incidents*${system === null ? '' : ` of ${escapeMrkdwn(system)}`}`,
      ...rows.map((row) => {
        const where = [row.system, row.service].filter((part) => part !== null).join(' / ') || 'no system';
        const end = row.resolvedAt === null ? '' : `, ended ${moment(row.resolvedAt)}`;
        return `• ${incidentId(row.id)} *${row.state}* ${escapeMrkdwn(oneLine(row.alertname, 80))} · ${escapeMrkdwn(where)} · ${moment(row.openedAt)}${end}`;
      }),
      ...ignoredLines(ignored),
    ].join('\n');
  },
};

/** Alerts that alerts.yaml keeps out of every channel. */
function ignoredLines(ignored: readonly IgnoredAlert[]): readonly string[] {
  if (ignored.length === 0) return [];
  return [
    '*Ignored*, as alerts.yaml says',
    ...ignored.map(
      ({ alertname, count, lastAt }) =>
        `• ${escapeMrkdwn(oneLine(alertname, 80))} · ${count} × · last ${moment(lastAt)}`,
    ),
  ];
}

export const report: Command = {
  name: 'report',
  usage: 'report INC-n',
  says: 'the post-incident report in Markdown: timeline, plans, decisions, outputs',
  async run(context, ask) {
    const { engine } = context;
    const [id = ''] = ask.words;
    const text = await readReport(engine.journal.pool, id);
    if (text === null)
      return `There is no “${oneLine(id, 40)}”. Type \`/ops report INC-12\` or \`/ops report RUN-3\`.`;
    const name = id.toUpperCase();
    return answerLong(context, ask.asker, {
      title: `*Report of ${name}*`,
      fileName: `${name}-report.md`,
      text: engine.redact(text),
    });
  },
};

export const audit: Command = {
  name: 'audit',
  usage: 'audit [ID]',
  says: 'the last entries of the audit log, or those of STEP-n, RUN-n or INC-n, with the head of the chain',
  async run({ engine }, ask) {
    const subject = ask.words[0]?.toUpperCase() ?? null;
    const { pool } = engine.journal;
    const rows = await lastAudit(pool, subject, AUDIT_SHOWN);
    const head = await auditHead(pool);
    const lines = rows.map(
      (row) =>
        `\`${row.seq}\` ${moment(row.at)} ${escapeMrkdwn(row.kind)} ${escapeMrkdwn(row.subject)} by ${actor(row.actor)}`,
    );
    return [
      `*Audit log* · ${head.seq} entries · head \`${head.hash}\``,
      ...(lines.length === 0 ? ['No entry is about that.'] : lines),
      '`pageturner audit verify` proves the whole chain.',
    ].join('\n');
  },
};
