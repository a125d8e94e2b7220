/** views.*: modals, opened with a trigger, and App Home. */
import { LIMITS } from '../../../slack/limits.ts';
import { checkView } from '../check-blocks.ts';
import { isObject, type Json, objects, text } from '../json.ts';
import { BOT, everyone, TEAM } from '../people.ts';
import { newId, type Store } from '../store.ts';
import { knowsFile, withIds } from './content.ts';
import { type Answer, type Method, no } from './method.ts';

/** A view as Slack gives it back: with an id, a hash of its version, and empty state. */
export function readView(store: Store, value: unknown, id: string, type: string): Json | Answer {
  if (JSON.stringify(value ?? null).length > LIMITS.viewBytes) return no('view_too_large');
  const problems = checkView(value, knowsFile(store));
  if (problems.length > 0 || !isObject(value)) return no('invalid_arguments', problems);
  if (value.type !== type)
    return no('invalid_arguments', [`[ERROR] must be ${type} [json-pointer:/view/type]`]);
  return {
    private_metadata: '',
    callback_id: '',
    ...value,
    blocks: withIds(objects(value.blocks) ?? []),
    id,
    team_id: TEAM.id,
    state: { values: {} },
    hash: `${Date.now()}.${newId('')}`,
    root_view_id: id,
    previous_view_id: null,
    app_id: BOT.appId,
    bot_id: BOT.botId,
  };
}

const isRefusal = (view: Json | Answer): view is Answer => 'ok' in view;

const open: Method = ({ store, triggers }, args) => {
  const taken = triggers.take(text(args.trigger_id));
  if ('error' in taken) return no(taken.error);
  const id = newId('V');
  const view = readView(store, args.view, id, 'modal');
  if (isRefusal(view)) return view;
  store.views.set(id, { id, user: taken.user, view });
  store.changed();
  return { ok: true, view };
};

const update: Method = ({ store }, args) => {
  const found = store.views.get(text(args.view_id));
  if (found === undefined) return no('not_found');
  if (text(args.hash) !== '' && args.hash !== found.view.hash) return no('hash_conflict');
  const view = readView(store, args.view, found.id, 'modal');
  if (isRefusal(view)) return view;
  store.views.set(found.id, { ...found, view });
  store.changed();
  return { ok: true, view };
};

const publish: Method = ({ store }, args) => {
  const user = text(args.user_id);
  if (!everyone.some((person) => person.id === user)) return no('user_not_found');
  const before = store.homes.get(user);
  if (text(args.hash) !== '' && before !== undefined && args.hash !== before.hash) return no('hash_conflict');
  const view = readView(store, args.view, newId('V'), 'home');
  if (isRefusal(view)) return view;
  store.homes.set(user, view);
  store.changed();
  return { ok: true, view };
};

export const views: Readonly<Record<string, Method>> = {
  'views.open': open,
  'views.update': update,
  'views.publish': publish,
};
