/** Who is in the local workspace, and where. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly guest: boolean;
}

export const PEOPLE = {
  lead: { id: 'ULEAD0001', name: 'Tara', title: 'Tech lead', guest: false },
  onCall: { id: 'UONCALL01', name: 'Omar', title: 'On-call engineer', guest: false },
  duty: { id: 'UDUTY0001', name: 'Dana', title: 'Ops duty officer', guest: false },
  developer: { id: 'UDEV00001', name: 'Sam', title: 'Developer', guest: false },
  guest: { id: 'UGUEST001', name: 'Gil', title: 'Guest', guest: true },
} as const satisfies Record<string, Person>;

export const BOT = { id: 'UBOT00001', botId: 'B0PAGETURN', appId: 'A0PAGETURN', name: 'Pageturner' } as const;
export const TEAM = { id: 'T0LOCAL01', domain: 'local', name: 'Local workspace' } as const;
export const LEAD_GROUP = { id: 'SGROUPLD1', handle: 'leads', users: [PEOPLE.lead.id] } as const;

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
}
export const CHANNELS = {
  ops: {
    id: 'C0OPSSHRD',
    name: 'ops-shared',
    topic: 'Incidents and everything that keeps the systems running',
  },
  random: { id: 'C0RANDOM1', name: 'random', topic: 'Everything else' },
} as const satisfies Record<string, Channel>;

export const everyone: readonly Person[] = Object.values(PEOPLE);
export const channels: readonly Channel[] = Object.values(CHANNELS);
