import { describe, expect, it, test } from 'vitest';
import { formatProblem } from '../../src/catalog/load.ts';
import { DEFAULT_RULES, rulesOf } from '../../src/domain/organisation.ts';
import { catalogOf, problemsOf, RUNBOOK, SYSTEM, serviceOf } from './written.ts';

const org = (more: string): { 'org.yaml': string } => ({ 'org.yaml': `version: 1\nroles: {}\n${more}` });
const rules = async (more: string, env: Record<string, string> = {}) =>
  rulesOf((await catalogOf(org(more), env)).organisation);

describe('org.yaml', () => {
  it('without rules of its own has the primary window and careful defaults', async () => {
    expect(await rules('')).toEqual(DEFAULT_RULES);
  });

  it('has a rotation with overrides on the clocks of its zone', async () => {
    const read = await rules(
      `rotation:
  time-zone: Europe/Berlin
  starts: 2026-01-05T09:00
  every: 2w
  people: [UANNA1, "\${MORE:-}"]
  overrides:
    - { from: 2026-07-01, to: 2026-07-02T12:00Z, person: UCARA1 }
`,
      { MORE: 'UBEN11' },
    );
    expect(read.rotation).toEqual({
      timeZone: 'Europe/Berlin',
      starts: '2026-01-05T09:00',
      everyDays: 14,
      people: ['UANNA1', 'UBEN11'],
      backup: null,
      overrides: [
        { from: new Date('2026-06-30T22:00:00Z'), to: new Date('2026-07-02T12:00:00Z'), person: 'UCARA1' },
      ],
    });
  });

  it('a rotation of nobody is none: the role holds', async () => {
    expect((await rules('rotation: { starts: 2026-01-05, every: 1w, people: [] }')).rotation).toBeNull();
  });

  it('says who users of terminals are; somebody whose variable is not set is nobody', async () => {
    const catalog = await catalogOf(
      org(`terminal: { anna: UANNA1, deploy: "\${DEPLOYER:-}", ben: "\${BEN:-}" }`),
      { DEPLOYER: 'W012CARA' },
    );
    expect(catalog.organisation.terminal).toEqual({ anna: 'UANNA1', deploy: 'W012CARA' });
  });

  it('has windows, freezes, the longest delegation, escalation, contacts and a bridge', async () => {
    const read = await rules(
      `windows: [{ every: friday, from: "22:00", to: "04:30", zone: Asia/Tokyo }]
freezes: [{ from: 2026-12-20, to: 2027-01-04, reason: end of the year, systems: [shop] }]
delegation: { longest: 4h }
escalation: { after: 2m, wait: 30s }
contacts: { security: "\${CONTACT_SECURITY:-}", administrator: "\${CONTACT_ADMINISTRATOR:-}" }
bridge: \${PHONE_BRIDGE:-}
`,
      { CONTACT_SECURITY: 'sec@example.invalid' },
    );
    expect(read).toMatchObject({
      windows: [{ every: 'friday', from: 22 * 3_600_000, to: 4.5 * 3_600_000, zone: 'Asia/Tokyo' }],
      freezes: [
        {
          from: new Date('2026-12-20T00:00:00Z'),
          to: new Date('2027-01-04T00:00:00Z'),
          reason: 'end of the year',
          systems: ['shop'],
        },
      ],
      longestDelegationMs: 4 * 3_600_000,
      escalation: { afterMs: 120_000, waitMs: 30_000 },
      contacts: {
        administrator: null,
        'database-administrator': null,
        security: 'sec@example.invalid',
        'on-call': null,
      },
      bridge: null,
    });
  });

  test.each([
    [
      'rotation: { starts: soon, every: 1w, people: [UANNA1] }',
      'org.yaml:3:21: starts is "soon"; expected a time without an offset',
    ],
    [
      'rotation: { starts: 2026-01-05, every: 0d, people: [UANNA1] }',
      'org.yaml:3:40: every is "0d"; expected a number of days or weeks',
    ],
    [
      'rotation: { starts: 2026-01-05, every: 1w, people: [SGROUP1] }',
      'org.yaml:3:52: "SGROUP1" is no Slack id; expected a Slack id of a person',
    ],
    [
      'rotation: { time-zone: Mars/Base, starts: 2026-01-05, every: 1w, people: [UANNA1] }',
      'org.yaml:3:24: time-zone is "Mars/Base"; expected the name of a time zone',
    ],
    [
      'windows: [{ every: caturday, from: "02:00", to: "06:00" }]',
      'org.yaml:3:20: every is "caturday"; expected one of',
    ],
    [
      'windows: [{ every: day, from: "25:00", to: "06:00" }]',
      'org.yaml:3:31: from is "25:00"; expected a time of day',
    ],
    [
      'freezes: [{ from: 2026-12-20, to: 2026-12-20, reason: x }]',
      'org.yaml:3:35: to is "2026-12-20"; expected a time after from',
    ],
    [
      'freezes: [{ from: 2026-12-20, to: 2026-12-21, reason: x, systems: [shopp] }]',
      'org.yaml:3:68: there is no system "shopp"; expected one of shop',
    ],
    ['delegation: { longest: 30d }', 'org.yaml:3:24: longest is "30d"; expected a duration from 1m to 7d'],
    ['terminal: { root: UANNA1 }', '"root" is an account that several people or programs use'],
    ['terminal: { Jenkins: UANNA1 }', '"Jenkins" is an account that several people or programs use'],
    ['terminal: { anna: SGROUP1 }', '"SGROUP1" is no Slack id; expected a Slack id of a person'],
    ['terminal: { anna: "UANNA1,UBEN11" }', '"anna" is several people; expected one'],
    ['terminal: { anna: [UANNA1] }', 'a Slack id of a person: U… or W…'],
    ['contacts: { dba: x }', 'org.yaml:3:13: unknown key "dba"; expected one of'],
  ])('%s', async (more, expected) => {
    const [first] = await problemsOf(org(more));
    expect(first === undefined ? '' : formatProblem(first)).toContain(expected);
  });
});

describe('who may approve, and how many', () => {
  it('a service’s approvers are its own, or its system’s', async () => {
    const shared = SYSTEM.replace('title: Shop', 'title: Shop\napprovers: [duty-officer]').replace(
      'container: shop-redis',
      'container: shop-redis\n    approvers: [tech-lead]',
    );
    const catalog = await catalogOf({ 'shop/system.yaml': shared });
    expect(serviceOf(catalog, 'shop', 'web').approvers).toEqual(['duty-officer']);
    expect(serviceOf(catalog, 'shop', 'redis').approvers).toEqual(['tech-lead']);
    expect(serviceOf(await catalogOf(), 'shop', 'web').approvers).toEqual([]);
  });

  it.each([
    ['2', { dev: 2, test: 2, prod: 2 }],
    ['{ prod: 2 }', { prod: 2 }],
  ])('approvals: %s', async (written, expected) => {
    const runbook = RUNBOOK.replace('db: 0', `db: 0, approvals: ${written}`);
    const catalog = await catalogOf({ 'shop/redis-full.yaml': runbook });
    expect(catalog.systems[0]?.runbooks[0]?.recover[0]?.steps[0]).toMatchObject({ approvals: expected });
  });

  it('three people is more than the journal knows', async () => {
    const [first] = await problemsOf({
      'shop/redis-full.yaml': RUNBOOK.replace('db: 0', 'db: 0, approvals: 3'),
    });
    expect(first?.message).toContain('approvals is 3; expected');
  });
});
