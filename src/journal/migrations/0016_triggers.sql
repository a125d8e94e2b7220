-- Commands and clicks that were taken, by what Slack calls each of them: the same one, sent again, does nothing.
create table triggers (
  key text primary key,
  at timestamptz not null default now()
);
create index triggers_by_age on triggers (at);
