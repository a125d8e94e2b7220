/** The Slack app and the pace of its messages. */
import { address, anyText, duration, integer } from '../forms.ts';
import type { Table } from '../row.ts';

export const slackVariables = {
  SLACK_BOT_TOKEN: {
    form: anyText,
    secret: true,
    otherwise: 'local mode',
    example: 'xoxb-…',
    needed: true,
    says: "The bot token of the Slack app (api.slack.com/apps, 'From a manifest': slack-manifest.yml).",
  },
  SLACK_SIGNING_SECRET: {
    form: anyText,
    secret: true,
    example: '8f742231b10e8888abcd99yyyzzz85a5',
    needed: true,
    says: 'The signing secret of the Slack app: proves that a request over HTTP comes from Slack.',
  },
  SLACK_APP_TOKEN: {
    form: anyText,
    secret: true,
    otherwise: 'requests come over HTTP',
    example: 'xapp-…',
    needed: true,
    says: "For Socket Mode, which needs no public address ('App-Level Tokens', scope connections:write).",
  },
  SLACK_API_URL: {
    form: address('http', 'https'),
    otherwise: 'Slack’s own',
    example: 'https://slack.com/api/',
    says: 'Another base of the Web API, for tests and gateways.',
  },
  OPS_CHANNEL: {
    form: anyText,
    standard: '#ops-shared',
    needed: true,
    says: 'The channel of the incidents: its id (recommended), or its name.',
  },
  SLACK_MESSAGES_PER_SECOND: {
    form: integer(0, 100_000),
    otherwise: 'one a second; with SLACK_API_URL, as many as it takes until it answers 429',
    example: '1',
    says: 'How many messages a second a channel takes, where something else stands in Slack’s place.',
  },
  STORM_THRESHOLD: {
    form: integer(1, 1_000_000),
    standard: '250',
    says: 'How many new alert groups may wait to be posted in one channel; further ones share one storm thread.',
  },
  STORM_THRESHOLD_UNKNOWN: {
    form: integer(1, 1_000_000),
    standard: '25',
    says: 'The same for alerts without a runbook that are not critical: they share a storm’s thread earlier.',
  },
  STORM_CALM: {
    form: duration(),
    standard: '1m',
    says: 'How long it must be calm before a storm ends.',
  },
} satisfies Table;
