-- When it began to fire again after it was resolved: what was done before says nothing of its life since.
alter table incidents add column reopened_at timestamptz;
