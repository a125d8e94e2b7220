-- Alerts as they come: a group is split into incidents of their own, each in its channel; what is critical comes first,
-- then what has a runbook; what nobody has a runbook for shares a storm's thread earlier.

alter table incidents
  -- Of its group: the values of the labels that divide it. Null: all of it, as before groups were divided.
  add column part text,
  -- Whether one of its alerts is critical, by what alerts.yaml says the words mean.
  add column critical boolean not null default false,
  -- No alert named its system: a runbook matched without one.
  add column guessed boolean not null default false,
  -- As configured: an id, or `#name`. Null: the ops channel, as before there were others.
  add column channel text,
  -- The webhook's body that it came in, together with others.
  add column arrived_with uuid,
  -- What could not be kept as it came, and what was made of it.
  add column repairs text[] not null default '{}',
  -- How often it was reopened by its alert, and since when.
  add column flaps integer not null default 0,
  add column flaps_since timestamptz;
update incidents set critical = true where state <> 'resolved' and lower(severity) in ('critical', 'page');
create index incidents_by_system on incidents (system, opened_at);
create index incidents_by_arrival on incidents (arrived_with) where arrived_with is not null;

-- What some senders say beside Alertmanager's own fields.
alter table alerts add column more jsonb;

-- 0: of a critical incident; 1: of one with a runbook, and what belongs to none; 2: of the others.
alter table messages add column priority smallint not null default 1;
create index messages_unposted_in_order on messages (channel, urgent desc, priority, id) where wanted > shown and ts is null;

-- Only what has no runbook shares its thread.
alter table storms add column unknown_only boolean not null default false;

create table severity_rises (
  incident_id bigint not null references incidents on delete cascade,
  n integer not null,
  at timestamptz not null default now(),
  from_word text not null,
  to_word text not null,
  alertname text not null,
  primary key (incident_id, n)
);

-- Alerts that a route keeps out of every channel.
create table ignored_alerts (
  alertname text primary key,
  count bigint not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now()
);

-- Writes new incidents of one channel, each with its thread, or, in a storm, with a line in the storm's. Returns them by
-- their `n`. Critical ones have a thread in any case.
create function open_alerts_in(in_channel text, asked jsonb, threshold integer, threshold_unknown integer)
returns table (n integer, incident bigint, storm bigint) language plpgsql as $$
declare
  waiting integer := 0;
  waiting_unknown integer := 0;
  the_storm bigint;
  is_whole boolean := false;
  becomes_whole boolean := false;
  begins boolean := false;
  goes_on boolean;
begin
  select s.id, not s.unknown_only into the_storm, is_whole from storms s
    where s.channel = in_channel and s.ended_at is null;
  is_whole := coalesce(is_whole, false);
  goes_on := the_storm is not null;
  if not is_whole then
    select count(*), count(*) filter (where w.priority = 2) into waiting, waiting_unknown from (
      select m.priority from messages m where m.channel = in_channel and m.surface = 'incident' and m.slot = 'root'
        and m.ts is null and m.wanted > m.shown limit threshold) w;
    select coalesce(bool_or(not r.critical and waiting + r.place > threshold), false),
      coalesce(bool_or(r.is_unknown and waiting_unknown + r.place_unknown > threshold_unknown), false)
      into becomes_whole, begins
    from (select a.critical, not a.critical and a."runbookId" is null as is_unknown, row_number() over (order by a.n) as place,
        row_number() over (partition by not a.critical and a."runbookId" is null order by a.n) as place_unknown
      from jsonb_to_recordset(asked) as a(n integer, critical boolean, "runbookId" text)) r;
    if (becomes_whole or begins) and the_storm is null then
      insert into storms (channel, unknown_only) values (in_channel, not becomes_whole)
        on conflict (channel) where ended_at is null do nothing;
      select s.id into the_storm from storms s where s.channel = in_channel and s.ended_at is null;
    elsif becomes_whole then
      update storms set unknown_only = false where id = the_storm;
    end if;
  end if;
  return query
  with ranked as (
    select a.*, not a.critical and a."runbookId" is null as is_unknown, row_number() over (order by a.n) as place,
      row_number() over (partition by not a.critical and a."runbookId" is null order by a.n) as place_unknown
    from jsonb_to_recordset(asked) as a(n integer, system text, service text, alertname text, severity text,
      critical boolean, guessed boolean, "groupKey" text, part text, summary text, "externalUrl" text, "runbookId" text,
      "runbookHash" text, "otherRunbooks" text[], truncated integer, repairs text[], "arrivedWith" uuid, poster text,
      alerts jsonb, event text)
  ), g as materialized (
    select r.*, nextval(pg_get_serial_sequence('incidents', 'id')) as id,
      case when r.critical then 0 when r.is_unknown then 2 else 1 end as priority,
      not r.critical and the_storm is not null and (is_whole or waiting + r.place > threshold
        or (r.is_unknown and (goes_on or waiting_unknown + r.place_unknown > threshold_unknown))) as held
    from ranked r
  ), opened as (
    insert into incidents (id, system, service, alertname, severity, critical, guessed, state, group_key, part, summary,
      external_url, runbook_id, runbook_hash, other_runbooks, truncated, repairs, arrived_with, channel, diagnosis_due)
    select g.id, g.system, g.service, g.alertname, g.severity, g.critical, g.guessed, 'firing', g."groupKey", g.part, g.summary,
      g."externalUrl", g."runbookId", g."runbookHash", g."otherRunbooks", g.truncated, g.repairs, g."arrivedWith",
      in_channel, not g.held
    from g
  ), fired as (
    insert into alerts (incident_id, fingerprint, status, labels, annotations, generator_url, starts_at, ends_at, more)
    select g.id, a.fingerprint, a.status, a.labels, a.annotations, a."generatorUrl", a."startsAt", a."endsAt", a.more
    from g cross join jsonb_to_recordset(g.alerts) as a(fingerprint text, status text, labels jsonb, annotations jsonb,
      "generatorUrl" text, "startsAt" timestamptz, "endsAt" timestamptz, more jsonb)
  ), told as (
    insert into events (incident_id, actor, text) select g.id, 'Alertmanager', g.event from g order by g.n
  ), wanted as (
    -- With a runbook the second message comes with the diagnosis, so that it is posted once.
    insert into messages (surface, subject, slot, channel, parent, urgent, priority, posting_since, posting_by)
    select 'incident', g.id, m.slot, in_channel, m.parent, g.critical and m.parent is null, g.priority,
      case when g.poster is not null then now() end, g.poster
    from g cross join (values ('root', null), ('diagnosis', 'root')) as m(slot, parent)
    where not g.held and (m.parent is null or g."runbookId" is null)
    order by g.n, m.parent nulls first
  ), named as (
    insert into storm_entries (incident_id, storm_id) select g.id, the_storm from g where g.held order by g.n
  )
  select g.n, g.id, case when g.held then the_storm end from g;
end $$;

create function open_alerts(asked jsonb, threshold integer, threshold_unknown integer)
returns table (n integer, incident bigint, storm bigint) language plpgsql as $$
declare one record;
begin
  for one in select a.value ->> 'channel' as channel, jsonb_agg(a.value) as drafts
    from jsonb_array_elements(asked) as a group by 1 order by 1
  loop
    return query select * from open_alerts_in(one.channel, one.drafts, threshold, threshold_unknown);
  end loop;
end $$;

-- The parts among `asked` that nothing is known of become incidents; the others are left to be looked at closely.
-- `buckets` are the advisory locks of all their keys, in order. The settings keep plans made while the tables were
-- small from scanning them once they are large.
create function take_new_alerts(asked jsonb, buckets integer[], lock_space integer, threshold integer,
  threshold_unknown integer, reopen_within double precision)
returns table (n integer, incident bigint, storm bigint) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare fresh jsonb;
begin
  perform pg_advisory_xact_lock(lock_space, b) from unnest(buckets) as b;
  with groups as (
    select value as body, value ->> 'groupKey' as group_key, value ->> 'part' as part from jsonb_array_elements(asked)
  )
  select jsonb_agg(body) into fresh from groups
  where not exists (select 1 from incidents i where i.group_key = groups.group_key and i.state <> 'resolved'
      and (i.part is null or i.part = groups.part))
    and not exists (
      select 1 from jsonb_array_elements(groups.body -> 'alerts') as one
        join alerts on alerts.fingerprint = one ->> 'fingerprint'
        join incidents i on i.id = alerts.incident_id
      where i.state <> 'resolved' or i.resolved_at > now() - make_interval(secs => reopen_within))
    and not exists (
      select 1 from jsonb_array_elements(groups.body -> 'alerts') as one
        join early_ends e on e.fingerprint = one ->> 'fingerprint');
  if fresh is not null then return query select * from open_alerts(fresh, threshold, threshold_unknown); end if;
end $$;
