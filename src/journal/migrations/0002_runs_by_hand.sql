-- Runs without an incident (operations), their parameters, tasks for people, progress, abort and undo.

alter table runs drop constraint runs_kind_check;
alter table runs add constraint runs_kind_check check (kind in ('diagnosis', 'recovery', 'verification', 'operation'));
alter table runs add column params jsonb not null default '{}';
-- Set by an abort: an action under way is told to end; nothing after it starts.
alter table runs add column stop_asked_by text;

alter table steps drop constraint steps_type_check;
alter table steps add constraint steps_type_check check (type in ('probe', 'condition', 'action', 'task'));
-- What the button of a task carries: opaque.
alter table steps add column token uuid not null default gen_random_uuid();
create unique index steps_by_token on steps (token);
-- The last line of progress, and until when it is waited.
alter table steps add column progress jsonb;

-- What was printed or read in full, at most a million characters; shown cut, kept as a file.
create table outputs (
  step_id bigint primary key references steps on delete cascade,
  body text not null
);
