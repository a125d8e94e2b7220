/** A journal as after a year: incidents with their alerts, events, runs and messages, and an audit log. */
import pg from 'pg';

export async function fillJournal(url: string, incidents: number, audit: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`insert into definitions (hash, id, body) values ('bench', 'moalog/bench', '{}')`);
  await client.query(
    `insert into incidents (system, service, alertname, severity, state, group_key, summary, runbook_id, runbook_hash,
       opened_at, resolved_at, resolved_by)
     select 'moalog', 'redis', 'Old' || n, 'warning', 'resolved', 'old-group-' || n, 'what it was about', 'moalog/bench',
       'bench', now() - interval '2 days' - n * interval '1 minute', now() - interval '1 day' - n * interval '1 minute', 'Alertmanager'
     from generate_series(1, $1) n`,
    [incidents],
  );
  await client.query(
    `insert into alerts (incident_id, fingerprint, status, labels, annotations, starts_at)
     select id, 'old-' || id, 'resolved', jsonb_build_object('alertname', alertname, 'system', 'moalog', 'service', 'redis'),
       '{"summary": "what it was about"}', opened_at from incidents where alertname like 'Old%'`,
  );
  await client.query(
    `insert into events (incident_id, at, actor, text) select id, opened_at, 'Alertmanager', 'fires (warning)' from incidents where alertname like 'Old%'
     union all select id, resolved_at, 'Alertmanager', 'resolved' from incidents where alertname like 'Old%'`,
  );
  await client.query(
    `insert into runs (incident_id, kind, runbook_id, definition_hash, asked_by, title, state, started_at, ended_at)
     select id, 'diagnosis', 'moalog/bench', 'bench', 'alert', 'Diagnosis', 'succeeded', opened_at, opened_at from incidents where alertname like 'Old%'`,
  );
  await client.query(
    `insert into steps (run_id, position, type, definition, state, result, ended_at)
     select runs.id, p, 'probe', '{"key": "memory", "probe": "redis.info", "service": "redis", "settings": {"section": "memory"}}',
       'succeeded', '{"state": "up", "latencyMs": 2, "reason": null, "facts": {"used_memory": 1048576, "role": "master"}}', now()
     from runs, generate_series(1, 4) p where runs.runbook_id = 'moalog/bench'`,
  );
  await client.query(
    `insert into messages (surface, subject, slot, channel, parent, wanted, shown, ts, digest, updated_at)
     select 'incident', id, slot, '#ops-shared', case when slot = 'root' then null else 'root' end, 3, 3,
       '17000000.' || id, repeat('a', 64), resolved_at
     from incidents, unnest(array['root', 'diagnosis', 'closing']) slot where alertname like 'Old%'`,
  );
  await client.query(
    `insert into audit_entries (seq, at, kind, actor, subject, payload, previous, hash)
     select n, now(), 'request.decided', 'U0LEAD001', 'STEP-' || n, '{"digest": "d", "verdict": "approve"}', repeat('0', 64), repeat('0', 64)
     from generate_series(1, $1) n`,
    [audit],
  );
  await client.query('update audit_head set seq = $1', [audit]);
  // As it is after a year: without the work that a million rows at once leave to the server.
  await client.query('vacuum (freeze, analyze)');
  await client.end();
}

/** Kilobytes of an incident with all that hangs on it, indexes included. */
export async function kilobytesPerIncident(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ kb: number }>(
    `select sum(pg_total_relation_size(t::regclass))::float8 / 1024 / (select count(*) from incidents) as kb
     from unnest(array['incidents', 'alerts', 'events', 'runs', 'steps', 'messages']) t`,
  );
  await client.end();
  return rows[0]?.kb ?? Number.NaN;
}
