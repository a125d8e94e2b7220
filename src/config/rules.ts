/** What variables demand of each other. Each rule gives one line for each variable to mend. */
import type { Read } from './read-variables.ts';
import { examplesOf, type Row } from './row.ts';
import { VARIABLES, type VariableName } from './variables.ts';

/** Any of them: Slack is meant, and the local workspace stays away. */
const SLACK = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_API_URL'] as const;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const ANYONE = 'the local workspace, where anyone can act as anyone,';

export const wantsSlack = ({ given }: Read): boolean => SLACK.some((name) => given.has(name));

export function brokenRules(read: Read): readonly string[] {
  return [
    ...(wantsSlack(read) ? slackRules(read) : localRules(read)),
    ...journalRules(read),
    ...basicRule(read),
  ];
}

function slackRules({ settings, given }: Read): readonly string[] {
  const lines: string[] = [];
  if (!given.has('SLACK_BOT_TOKEN'))
    lines.push(missing('SLACK_BOT_TOKEN', 'expected the bot token of the Slack app'));
  if (!given.has('SLACK_SIGNING_SECRET') && !given.has('SLACK_APP_TOKEN'))
    lines.push(
      missing(
        'SLACK_SIGNING_SECRET',
        'expected the signing secret of the Slack app (or SLACK_APP_TOKEN=xapp-… for Socket Mode)',
      ),
    );
  if (!given.has('PAGETURNER_ENV'))
    lines.push(
      'PAGETURNER_ENV: missing (it has no default once Slack is configured); expected one of dev, test, prod, e.g. PAGETURNER_ENV=prod',
    );
  const credentials = [
    'ALERTMANAGER_WEBHOOK_TOKEN',
    'ALERTMANAGER_WEBHOOK_USER',
    'ALERTMANAGER_WEBHOOK_PASSWORD',
  ] as const;
  if (settings.PAGETURNER_ROLE !== 'worker' && !credentials.some((name) => given.has(name)))
    lines.push(missing('ALERTMANAGER_WEBHOOK_TOKEN', 'expected the bearer token that Alertmanager sends'));
  return lines;
}

function localRules({ settings, given }: Read): readonly string[] {
  const environment = settings.PAGETURNER_ENV;
  const lines: string[] = [];
  if (environment !== null && environment !== 'dev')
    lines.push(
      `SLACK_BOT_TOKEN: missing; ${ANYONE} starts only with PAGETURNER_ENV=dev or unset, and PAGETURNER_ENV is ${environment}`,
    );
  if (given.has('HOST') && !LOOPBACK.includes(settings.HOST))
    lines.push(
      `HOST: "${settings.HOST}" is not loopback; ${ANYONE} listens on loopback only, e.g. HOST=127.0.0.1`,
    );
  return lines;
}

function journalRules({ settings, given }: Read): readonly string[] {
  const role = settings.PAGETURNER_ROLE;
  const lines: string[] = [];
  if (role !== 'all' && !given.has('DATABASE_URL'))
    lines.push(
      `DATABASE_URL: missing; PAGETURNER_ROLE=${role} needs a database that the other processes share, e.g. DATABASE_URL=postgres://pageturner:secret@db:5432/pageturner`,
    );
  if (!given.has('AUDIT_KEY') && (role !== 'all' || settings.PAGETURNER_ENV === 'prod'))
    lines.push(missing('AUDIT_KEY', 'expected a long random text that is kept outside the database'));
  return lines;
}

function basicRule({ given }: Read): readonly string[] {
  const [user, password] = ['ALERTMANAGER_WEBHOOK_USER', 'ALERTMANAGER_WEBHOOK_PASSWORD'] as const;
  if (given.has(user) === given.has(password)) return [];
  return [
    missing(given.has(user) ? password : user, 'basic authentication needs both a user and a password'),
  ];
}

function missing(name: VariableName, expected: string): string {
  const row: Row = VARIABLES[name];
  return `${name}: missing; ${expected}, e.g. ${examplesOf(name, row)}`;
}
