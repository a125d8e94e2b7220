-- Who has opened App Home lately: their views are kept up to date, each by one process at a time.
create table homes (
  person text primary key,
  opened_at timestamptz not null default now(),
  -- Of what was last published; null: nothing yet, or it was opened anew.
  digest text,
  published_at timestamptz,
  -- When it is looked at again; while a process does, the end of its lease.
  next_at timestamptz not null default now(),
  tries integer not null default 0
);
create index homes_due on homes (next_at);

-- What stands under something told to the channel in place of "read once".
alter table lookups add column note text;
