/** auth.*, users.* and usergroups.*: who is who. */
import { type Json, text } from '../json.ts';
import { BOT, everyone, LEAD_GROUP, TEAM } from '../people.ts';
import { type ApiDeps, isTrue, type Method, no, pageOf } from './method.ts';

const shownBot: Json = {
  id: BOT.id,
  team_id: TEAM.id,
  name: 'pageturner',
  real_name: BOT.name,
  deleted: false,
  is_bot: true,
  is_app_user: false,
  profile: { bot_id: BOT.botId, api_app_id: BOT.appId, real_name: BOT.name, display_name: BOT.name },
};

const shownPeople: readonly Json[] = everyone.map((person) => ({
  id: person.id,
  team_id: TEAM.id,
  name: person.name.toLowerCase(),
  real_name: person.name,
  deleted: false,
  is_bot: false,
  is_app_user: false,
  is_restricted: person.guest,
  is_ultra_restricted: false,
  tz: 'Etc/UTC',
  tz_offset: 0,
  profile: { real_name: person.name, display_name: person.name, title: person.title },
}));

const everybody = [...shownPeople, shownBot];

/** With what is said of them in this workspace instead, or of somebody who isn't in it. */
function find({ standing }: ApiDeps, id: unknown): Json | null {
  const known = everybody.find((somebody) => somebody.id === id);
  const said = standing.people.get(String(id));
  return known === undefined && said === undefined ? null : { id, team_id: TEAM.id, ...known, ...said };
}

const listUsers: Method = (_, args) => {
  const part = pageOf(everybody, args);
  if ('ok' in part) return part;
  return { ok: true, members: part.items, response_metadata: { next_cursor: part.next } };
};

const listGroups: Method = (_, args) => ({
  ok: true,
  usergroups: [
    {
      id: LEAD_GROUP.id,
      team_id: TEAM.id,
      is_usergroup: true,
      name: 'Tech leads',
      handle: LEAD_GROUP.handle,
      description: '',
      date_delete: 0,
      user_count: LEAD_GROUP.users.length,
      ...(isTrue(args.include_users) ? { users: LEAD_GROUP.users } : {}),
    },
  ],
});

export const users: Readonly<Record<string, Method>> = {
  'api.test': (_, args) => (text(args.error) === '' ? { ok: true, args } : no(text(args.error))),
  'auth.test': ({ baseUrl, standing }) => ({
    ok: true,
    url: `${baseUrl()}/`,
    team: TEAM.name,
    user: 'pageturner',
    team_id: TEAM.id,
    user_id: BOT.id,
    bot_id: BOT.botId,
    is_enterprise_install: false,
    ...(standing.enterprise === null ? {} : { enterprise_id: standing.enterprise }),
  }),
  'users.info': (deps, args) => {
    const user = find(deps, args.user);
    return user === null ? no('user_not_found') : { ok: true, user };
  },
  'users.list': listUsers,
  'usergroups.list': listGroups,
  'usergroups.users.list': (_, args) =>
    args.usergroup === LEAD_GROUP.id ? { ok: true, users: LEAD_GROUP.users } : no('no_such_subteam'),
};
