/** `/ops …`: acknowledged at once, then worked on; whatever is typed gets an answer. */
import type { App, SlashCommand } from '@slack/bolt';
import { nearest } from '../../domain/nearest.ts';
import { escapeCode, oneLine } from '../../domain/text.ts';
import { whyNoMember } from '../../engine/core/authority.ts';
import { ALWAYS_TAKEN, MOST_A_MINUTE, tooMany } from '../budget.ts';
import { wrongWorkspace } from '../check-place.ts';
import { notJournalled } from '../not-journalled.ts';
import type { SlackContext } from '../slack-context.ts';
import { takeOnce } from '../take-once.ts';
import { decodeTyped } from '../typed-text.ts';
import type { CommandAsk } from './command.ts';
import { commands, LOOKUPS } from './index.ts';

export function help(): string {
  return [
    '*What I can do*',
    ...commands.map((command) => `• \`/ops ${command.usage}\` ${command.says}`),
  ].join('\n');
}

/** What to tell the person; null: a message in the channel says it. */
export async function answerCommand(context: SlackContext, body: SlashCommand): Promise<string | null> {
  const place = await wrongWorkspace(context, body.team_id);
  if (place !== null) return place.sentence;
  const text = decodeTyped(body.text ?? '').trim();
  const [first = 'help'] = text === '' ? [] : text.split(/\s+/u);
  const name = first.toLowerCase();
  const stranger = await whyNoMember(context.engine, body.user_id);
  if (stranger !== null || !ALWAYS_TAKEN.has(name)) {
    const most = stranger === null ? MOST_A_MINUTE.member : MOST_A_MINUTE.other;
    const taken = context.budget.take(body.user_id, most);
    if (taken !== 'ok') return taken === 'tell' ? tooMany(most) : null;
  }
  if (name === 'help') return help();
  if (stranger !== null) return stranger.sentence;
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const close = nearest(name, [...commands.map((candidate) => candidate.name), 'help']);
    const hint = close === null ? '' : ` Did you mean \`/ops ${close}\`?`;
    return `I don’t know \`${escapeCode(oneLine(first, 60))}\`.${hint} \`/ops help\` lists everything.`;
  }
  const rest = text.slice(first.length).trim();
  const ask: CommandAsk = {
    words: rest === '' ? [] : rest.split(/\s+/u),
    rest,
    asker: {
      person: body.user_id,
      channel: body.channel_id,
      threadTs: null,
      responseUrl: body.response_url || null,
    },
    key: `${body.user_id}/${body.trigger_id}`,
  };
  const run = () => command.run(context, ask);
  return LOOKUPS.has(command.name) ? run() : takeOnce(context, ask.key, run);
}

export function registerCommands(app: App, context: SlackContext): void {
  app.command('/ops', async ({ ack, body }) => {
    await ack();
    const asker = {
      person: body.user_id,
      channel: body.channel_id,
      threadTs: null,
      responseUrl: body.response_url || null,
    };
    try {
      const said = await answerCommand(context, body);
      if (said !== null) await context.answer(asker, said);
    } catch (error) {
      context.engine.log.error({ err: error }, 'a command could not be worked on');
      await context.answer(asker, notJournalled(context.engine, error));
    }
  });
}
