-- Where the person who asked is answered when the channel takes no message (a response URL is good for thirty minutes).
alter table messages add column answer_url text;
-- Nothing more is shown of it: its channel takes no message of the bot, and whoever asked was told.
alter table messages add column closed_at timestamptz;

-- Posts that must not stay in Slack: they landed outside their thread, or their thread was posted again.
create table unwanted_posts (
  channel text not null,
  ts text not null,
  try_at timestamptz not null default now(),
  primary key (channel, ts)
);
