-- Who opened an incident by hand, and the second person who has confirmed that it is an emergency.
alter table incidents
  add column opened_by text,
  add column confirmed_by text,
  add column confirmed_at timestamptz,
  add constraint incidents_confirmed check (
    (confirmed_by is null and confirmed_at is null)
    or (confirmed_at is not null and opened_by is not null and confirmed_by <> opened_by)
  );
update incidents set opened_by = (select e.actor from events e where e.incident_id = incidents.id order by e.id limit 1)
  where group_key like 'hand:%';

-- A change to production starts only with its boxes ticked, and the tech lead (of shared services: the duty officer)
-- among those who approved it; unless it is for an incident that an alert opened, or that a second person confirmed.
create or replace function executions_need_boxes() returns trigger language plpgsql as $$
declare
  planned boolean;
  open_boxes text;
begin
  if new.request_id is null then return new; end if;
  select r.plan ->> 'environment' = 'prod' and not exists (
      select 1 from incidents i where i.id = runs.incident_id
        and (i.confirmed_by is not null or exists (select 1 from alerts a where a.incident_id = i.id)))
    into planned
    from requests r join steps s on s.id = r.step_id join runs on runs.id = s.run_id where r.id = new.request_id;
  if not coalesce(planned, false) then return new; end if;
  select string_agg(box, ', ') into open_boxes from unnest(array['staging', 'rollback', 'monitored']) box
    where not exists (select 1 from ticks t
      where t.surface = 'request' and t.subject = new.request_id and t.item = box);
  if open_boxes is not null then
    raise exception 'request % has open boxes: %', new.request_id, open_boxes using errcode = 'check_violation';
  end if;
  if not exists (select 1 from decisions d where d.request_id = new.request_id and d.verdict = 'approve'
      and (d.authority = 'tech lead' or d.authority like 'duty officer%')) then
    raise exception 'request % has no approval of the tech lead', new.request_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
