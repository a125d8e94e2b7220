/**
 * Every variable that the bot reads, once. From this table come the typed values, the lines that refuse a start,
 * `.env.example` and docs/reference-environment.md.
 *
 * To add one: write its row in the group where it belongs (variables/*.ts), use it (`values.NAME` in src/config.ts, or
 * `readSetting(env, 'NAME')` in a command), and run `npm run coverage` for the pages. A rule between several variables
 * belongs in rules.ts. A variable that only the catalog or Compose reads is described in test/coverage/other-variables.ts.
 */
import type { Values } from './row.ts';
import { alertVariables } from './variables/alert-variables.ts';
import { journalVariables } from './variables/journal-variables.ts';
import { peopleVariables } from './variables/people-variables.ts';
import { processVariables } from './variables/process-variables.ts';
import { slackVariables } from './variables/slack-variables.ts';

/** In the order of the pages and of the refusals. */
export const GROUPS = [
  { title: 'Slack', rows: slackVariables },
  { title: 'The process', rows: processVariables },
  { title: 'Journal and queue', rows: journalVariables },
  { title: 'Alerts and health', rows: alertVariables },
  { title: 'People', rows: peopleVariables },
] as const;

export const VARIABLES = {
  ...slackVariables,
  ...processVariables,
  ...journalVariables,
  ...alertVariables,
  ...peopleVariables,
};

export type VariableName = keyof typeof VARIABLES;
export type Settings = Values<typeof VARIABLES>;
