/** org.yaml: who has which role, and when what may be done. */
import { didYouMean } from '../domain/nearest.ts';
import {
  CONTACTS,
  type ContactName,
  DEFAULT_RULES,
  type Organisation,
  type Rules,
} from '../domain/organisation.ts';
import type { Rotation } from '../domain/rotation.ts';
import type { Freeze } from '../domain/windows.ts';
import { instantOf, parseWall } from '../domain/zone.ts';
import { check } from './check.ts';
import { interpolate } from './interpolate.ts';
import { type OrgFields, orgFile, type RotationFields } from './org-schema.ts';
import { type Path, show } from './problem.ts';
import type { Variables } from './variables.ts';
import type { YamlFile } from './yaml-file.ts';

/** docs.slack.dev: users are U… or W…, user groups S…. */
const SLACK_ID = /^[UWS][A-Z0-9]{2,20}$/u;
const PERSON_ID = /^[UW][A-Z0-9]{2,20}$/u;

const NOBODY: Organisation = { techLead: [], onCall: [], dutyOfficer: [], rules: DEFAULT_RULES };

export interface OrgContext {
  readonly variables: Variables;
  /** Names of the catalog's systems. */
  readonly systems: readonly string[];
}

interface Reading extends OrgContext {
  readonly file: YamlFile;
}

/** An empty list means nobody: then nobody may approve. */
export function readOrganisation(file: YamlFile, context: OrgContext): Organisation {
  const fields = check(orgFile, file.data, file, []);
  if (fields === null) return NOBODY;
  const reading: Reading = { ...context, file };
  const read = (role: keyof typeof fields.roles): readonly string[] =>
    readPeople(fields.roles[role], ['roles', role], reading, SLACK_ID);
  return {
    techLead: read('tech-lead'),
    onCall: read('on-call'),
    dutyOfficer: read('duty-officer'),
    terminal: readTerminal(fields.terminal ?? {}, reading),
    rules: readRules(fields, reading),
  };
}

/** Accounts that several people have, or that belong to a program, on the systems that are usual. */
const SHARED = new Set(
  (
    'root admin administrator toor superuser sudo wheel operator guest user test nobody daemon bin sys sync adm ' +
    'ubuntu debian centos fedora rocky alma arch alpine core ec2-user azureuser opc cloud-user vagrant pi docker podman ' +
    'jenkins gitlab-runner runner buildkite-agent circleci github actions ci ansible terraform puppet chef ' +
    'postgres mysql redis mongodb rabbitmq nginx apache httpd www-data prometheus grafana alertmanager node pageturner'
  ).split(' '),
);

/** Whoever types there asks as that person, so only an account of one person may be named. */
function readTerminal(
  fields: Readonly<Record<string, string>>,
  reading: Reading,
): Readonly<Record<string, string>> {
  const people = Object.entries(fields).flatMap(([user, value]) => {
    const path = ['terminal', user];
    if (SHARED.has(user.toLowerCase())) {
      reading.file.fault(
        path,
        `${show(user)} is an account that several people or programs use; expected one that belongs to one person`,
      );
      return [];
    }
    const [person, ...more] = readPeople(value, path, reading, PERSON_ID);
    if (more.length > 0) reading.file.fault(path, `${show(user)} is several people; expected one`);
    return person === undefined || more.length > 0 ? [] : [[user, person] as const];
  });
  return Object.fromEntries(people);
}

function readRules(fields: OrgFields, reading: Reading): Rules {
  const { delegation, windows, escalation } = fields;
  return {
    rotation: fields.rotation === undefined ? null : readRotation(fields.rotation, reading),
    windows: windows === undefined ? DEFAULT_RULES.windows : windows,
    freezes: fields.freezes.flatMap((freeze, i) => readFreeze(freeze, ['freezes', i], reading) ?? []),
    longestDelegationMs: delegation?.longest ?? DEFAULT_RULES.longestDelegationMs,
    escalation: {
      afterMs: escalation?.after ?? DEFAULT_RULES.escalation.afterMs,
      waitMs: escalation?.wait ?? DEFAULT_RULES.escalation.waitMs,
    },
    contacts: readContacts(fields.contacts ?? {}, reading.variables),
    bridge: fill(fields.bridge, reading.variables),
  };
}

/** Null when it names nobody, as with a variable that is not set: then `roles.on-call` says who is on call. */
function readRotation(fields: RotationFields, reading: Reading): Rotation | null {
  const path = ['rotation'];
  const zone = fields['time-zone'];
  const people = readPeople(fields.people, [...path, 'people'], reading, PERSON_ID);
  const overrides = fields.overrides.flatMap((override, i) => {
    const here = [...path, 'overrides', i];
    const interval = readInterval(override, here, zone, reading);
    const [person] = readPeople(override.person, [...here, 'person'], reading, PERSON_ID);
    return interval === null || person === undefined ? [] : [{ ...interval, person }];
  });
  const backup =
    fields.backup === 'next'
      ? null
      : (readPeople(fields.backup, [...path, 'backup'], reading, PERSON_ID)[0] ?? null);
  if (people.length === 0) return null;
  return { timeZone: zone, starts: fields.starts, everyDays: fields.every, people, overrides, backup };
}

function readFreeze(fields: OrgFields['freezes'][number], path: Path, reading: Reading): Freeze | null {
  const unknown = (fields.systems ?? []).find((name) => !reading.systems.includes(name));
  if (unknown !== undefined) {
    const at = [...path, 'systems', (fields.systems ?? []).indexOf(unknown)];
    const message = `there is no system "${unknown}"; expected one of ${reading.systems.join(', ')}`;
    reading.file.fault(at, `${message}${didYouMean(unknown, reading.systems)}`);
    return null;
  }
  const interval = readInterval(fields, path, 'UTC', reading);
  return interval === null ? null : { ...interval, reason: fields.reason, systems: fields.systems ?? null };
}

/** Without an offset a time is on the clocks of `zone`. Half-open, so the end comes after the beginning. */
function readInterval(
  fields: { readonly from: string; readonly to: string },
  path: Path,
  zone: string,
  { file }: Reading,
): { readonly from: Date; readonly to: Date } | null {
  const instant = (text: string): Date => {
    const wall = parseWall(text);
    return wall === null ? new Date(text) : instantOf(wall, zone);
  };
  const [from, to] = [instant(fields.from), instant(fields.to)];
  if (from < to) return { from, to };
  file.fault([...path, 'to'], `to is ${show(fields.to)}; expected a time after from, ${show(fields.from)}`);
  return null;
}

function readContacts(
  fields: Readonly<Partial<Record<ContactName, string | undefined>>>,
  variables: Variables,
): Rules['contacts'] {
  const read = (name: ContactName): string | null => fill(fields[name], variables);
  const [administrator, database, security, onCall] = CONTACTS.map(read);
  return {
    administrator: administrator ?? null,
    'database-administrator': database ?? null,
    security: security ?? null,
    'on-call': onCall ?? null,
  };
}

/** Null when it is absent, empty, or waits for a variable. */
function fill(template: string | undefined, variables: Variables): string | null {
  const { text, missing } = interpolate(template ?? '', variables);
  return missing.length > 0 || text.trim() === '' ? null : text.trim();
}

function readPeople(
  value: string | readonly string[] | undefined,
  path: Path,
  { file, variables }: Reading,
  form: RegExp,
): readonly string[] {
  const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  const rule =
    form === SLACK_ID
      ? 'Slack ids separated by commas: U… or W… for people, S… for user groups'
      : 'a Slack id of a person: U… or W…';
  const people = texts.flatMap((template) => {
    const { text } = interpolate(template, variables);
    const variable = /^\$\{(\w+)/u.exec(template)?.[1];
    return text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '')
      .filter((id) => {
        if (form.test(id)) return true;
        if (variable === undefined) file.fault(path, `"${id.slice(0, 40)}" is no Slack id; expected ${rule}`);
        else
          file.fault(
            path,
            `${variable}: "${id.slice(0, 40)}" is no Slack id; expected ${rule}, e.g. ${variable}=U012AB3CD,S045EF6GH`,
            { variable },
          );
        return false;
      });
  });
  return [...new Set(people)];
}
