-- An answer that belongs in a thread that is not a message of the bot's own: somebody mentioned it there.
alter table messages add column thread_ts text;

-- What people add to an incident's story. The key names Slack's event, so that one sent again adds nothing.
create table notes (
  key text primary key,
  incident_id bigint not null references incidents (id) on delete cascade,
  person text not null,
  text text not null,
  at timestamptz not null default now()
);
create index notes_by_incident on notes (incident_id, at);
