-- What a person may do lasts as long as what it rests on, and is proved by the audit log.

-- When the round of calls was over: somebody took it, or it ended.
alter table escalations add column ended_at timestamptz;
update escalations e set ended_at = now()
  where not exists (select 1 from incidents i where e.surface = 'incident' and i.id = e.subject and i.state = 'firing')
    and not exists (select 1 from requests r where e.surface = 'request' and r.id = e.subject and r.state = 'open');

-- Decisions, requests and delegations are looked up in the log before they are relied on.
create index audit_entries_by_subject on audit_entries (subject, seq);
