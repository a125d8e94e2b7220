-- What an incident's alerts say, read again once something is asked for it, until it is resolved.
create table readings (
  incident_id bigint primary key references incidents on delete cascade,
  -- When it is read next; taking it sets the time after that, so one process reads.
  next_at timestamptz not null default now(),
  -- Since when every reading said that nothing of it is true any more.
  gone_since timestamptz,
  -- A Prometheus has said that it is true, so it knows the metric: its silence means something.
  seen boolean not null default false,
  -- Null: not read yet.
  verdict text check (verdict in ('still', 'gone', 'unknown')),
  says text not null default '',
  read_at timestamptz
);
create index readings_due on readings (next_at);
