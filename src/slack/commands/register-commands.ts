/** `/ops …`: acknowledged at once, then worked on; whatever is typed gets an answer. */
import type { App } from '@slack/bolt';
import { nearest } from '../../domain/nearest.ts';
import { escapeCode, oneLine } from '../../domain/text.ts';
import { whyNoMember } from '../../engine/core/authority.ts';
import type { Asker } from '../answer-person.ts';
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

/** Somebody's words, wherever they came from. */
export interface Typed {
  readonly text: string;
  readonly asker: Asker;
  /** The same request, sent again, has the same key. */
  readonly key: string;
}

/** What to tell the person; null: a message in the channel says it. */
export async function answerCommand(context: SlackContext, typed: Typed): Promise<string | null> {
  const { text, asker } = typed;
  const [first = 'help'] = text === '' ? [] : text.split(/\s+/u);
  const name = first.toLowerCase();
  const stranger = await whyNoMember(context.engine, asker.person);
  if (stranger !== null || !ALWAYS_TAKEN.has(name)) {
    const most = stranger === null ? MOST_A_MINUTE.member : MOST_A_MINUTE.other;
    const taken = context.budget.take(asker.person, most);
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
  const ask: CommandAsk = { words: rest === '' ? [] : rest.split(/\s+/u), rest, asker, key: typed.key };
  const run = () => command.run(context, ask);
  return LOOKUPS.has(command.name) ? run() : takeOnce(context, ask.key, run);
}

/** Any name: a workspace may have given the command another one. */
const ANY_COMMAND = /^\//u;

export function registerCommands(app: App, context: SlackContext): void {
  app.command(ANY_COMMAND, async ({ ack, body }) => {
    await ack();
    const asker = {
      person: body.user_id,
      channel: body.channel_id,
      threadTs: null,
      responseUrl: body.response_url || null,
    };
    const key = `${body.user_id}/${body.trigger_id}`;
    await answerAlone(context, asker, async () => {
      const place = await wrongWorkspace(context, body.team_id);
      if (place !== null) return place.sentence;
      return answerCommand(context, { text: decodeTyped(body.text ?? '').trim(), asker, key });
    });
  });
}

/** The person alone is told what comes of it, also when it could not be worked on. */
export async function answerAlone(
  context: SlackContext,
  asker: Asker,
  work: () => Promise<string | null>,
): Promise<void> {
  try {
    const said = await work();
    if (said !== null) await context.answer(asker, said);
  } catch (error) {
    context.engine.log.error({ err: error }, 'a request could not be worked on');
    await context.answer(asker, notJournalled(context.engine, error));
  }
}
