-- What a worker relies on is proved with a key that the database doesn't have.

-- Who began it, in one word: an alert, a person, a terminal. The run's and the step's seal say so unforgeably.
alter table runs add column origin text check (origin in ('alert', 'person', 'terminal'));
alter table runs add column seal text;
alter table steps add column seal text;
alter table requests add column origin text check (origin in ('alert', 'person', 'terminal'));

-- The alarm that a journal was tampered with is looked for by every readiness check.
create index audit_entries_tampered on audit_entries (seq) where kind = 'journal.tampered';
