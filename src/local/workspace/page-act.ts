/** What is done on the page, done as Slack would do it. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Sent } from './deliver.ts';
import { BOT, everyone } from './people.ts';
import { actAs, dialogErrors } from './person.ts';
import { parseJson, readBody } from './read-body.ts';
import type { RequestDeps } from './requests.ts';
import type { SandboxPanel } from './sandbox-panel.ts';

const as = z.string().refine((id) => everyone.some((person) => person.id === id));
const value = z.union([z.string().max(4000), z.array(z.string())]);
const act = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), as, channel: z.string(), text: z.string().max(4000) }),
  z.object({
    kind: z.literal('message'),
    as,
    channel: z.string(),
    threadTs: z.string().nullable(),
    text: z.string().min(1).max(4000),
  }),
  z.object({
    kind: z.literal('click'),
    as,
    channel: z.string(),
    ts: z.string(),
    blockId: z.string().optional(),
    actionId: z.string(),
    selected: z.array(z.string()).optional(),
  }),
  z.object({
    kind: z.literal('submit'),
    as,
    viewId: z.string(),
    values: z.record(z.string(), z.record(z.string(), value)),
  }),
  z.object({ kind: z.literal('close'), as, viewId: z.string() }),
  z.object({ kind: z.literal('home'), as }),
]);
type Act = z.infer<typeof act>;

type Done =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string; readonly errors?: Readonly<Record<string, string>> };

const sorry = (error: string): Done => ({ ok: false, error });

const readJson = async (req: IncomingMessage): Promise<unknown> =>
  parseJson((await readBody(req)).toString('utf8'));

export async function perform(deps: RequestDeps, req: IncomingMessage): Promise<Done> {
  const parsed = act.safeParse(await readJson(req));
  if (!parsed.success) return sorry('this could not be understood');
  try {
    const sent = await carryOut(deps, parsed.data);
    return sent === null ? { ok: true } : said(sent);
  } catch (error) {
    return sorry(why(error));
  }
}

/** As Slack completes it while it is typed. */
const NAMED = new RegExp(`@${BOT.name}\\b`, 'giu');

async function carryOut(deps: RequestDeps, data: Act): Promise<Sent | null> {
  const me = actAs(deps, data.as);
  switch (data.kind) {
    case 'command':
      return me.command(data.text, data.channel);
    case 'click': {
      const { channel, blockId, selected } = data;
      return me.click(data.ts, data.actionId, {
        channel,
        ...(blockId === undefined ? {} : { blockId }),
        ...(selected === undefined ? {} : { selected }),
      });
    }
    case 'submit':
      return me.submit(data.viewId, data.values);
    case 'close':
      await me.close(data.viewId);
      return null;
    case 'home':
      return me.openHome();
    case 'message':
      await me.say(data.channel, data.threadTs, data.text.replace(NAMED, `<@${BOT.id}>`));
      return null;
    default:
      return data satisfies never;
  }
}

function said(sent: Sent): Done {
  if (sent.status !== 200) return sorry(`the bot answered ${sent.status}: ${sent.body.slice(0, 200)}`);
  const errors = dialogErrors(sent.body);
  return errors === null ? { ok: true } : { ok: false, error: Object.values(errors).join(' '), errors };
}

function why(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'the bot took longer than 3 seconds';
  return 'code' in error ? `the bot can’t be reached (${String(error.code)})` : error.message;
}

export async function press(
  deps: { readonly sandbox: SandboxPanel | null },
  req: IncomingMessage,
): Promise<Done> {
  const parsed = z.object({ id: z.string() }).safeParse(await readJson(req));
  if (!parsed.success || deps.sandbox === null) return sorry('there is no such button');
  await deps.sandbox.press(parsed.data.id);
  return { ok: true };
}
