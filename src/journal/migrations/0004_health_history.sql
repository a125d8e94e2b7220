-- What health was, rolled up: a row for each service and five minutes, kept for 30 days.

create table health_samples (
  system text not null,
  service text not null,
  -- When its five minutes begin.
  bucket timestamptz not null,
  up integer not null default 0,
  degraded integer not null default 0,
  down integer not null default 0,
  unknown integer not null default 0,
  worst text not null check (worst in ('up', 'degraded', 'down', 'unknown')),
  -- Of the last answer in it that was not up.
  reason text,
  max_latency_ms integer,
  primary key (system, service, bucket)
);
create index health_samples_by_age on health_samples (bucket);

-- How each service is now, and since when exactly.
create table health_states (
  system text not null,
  service text not null,
  state text not null check (state in ('up', 'degraded', 'down', 'unknown')),
  since timestamptz not null,
  seen_at timestamptz not null,
  primary key (system, service)
);

-- Whose turn it is to be looked at: one worker of many takes a turn that is due.
create table health_turns (
  name text primary key,
  due_at timestamptz not null
);

-- What an answer shows beside the services: objectives, and further checks of one service. json, not jsonb: facts are
-- shown in the order the probe gave them.
alter table health_parts add column more json not null default '{}';
