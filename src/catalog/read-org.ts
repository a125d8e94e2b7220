/** org.yaml: who has which role. */
import type { Organisation } from '../domain/runbook.ts';
import { check } from './check.ts';
import { interpolate } from './interpolate.ts';
import type { Path } from './problem.ts';
import { orgFile } from './schemas.ts';
import type { Variables } from './variables.ts';
import type { YamlFile } from './yaml-file.ts';

/** docs.slack.dev: users are U… or W…, user groups S…. */
const SLACK_ID = /^[UWS][A-Z0-9]{2,20}$/u;

const NOBODY: Organisation = { techLead: [], onCall: [], dutyOfficer: [] };

/** An empty list means nobody: then nobody may approve. */
export function readOrganisation(file: YamlFile, variables: Variables): Organisation {
  const fields = check(orgFile, file.data, file, []);
  if (fields === null) return NOBODY;
  const read = (role: keyof typeof fields.roles): readonly string[] =>
    readPeople(fields.roles[role], ['roles', role], file, variables);
  return { techLead: read('tech-lead'), onCall: read('on-call'), dutyOfficer: read('duty-officer') };
}

function readPeople(
  value: string | readonly string[] | undefined,
  path: Path,
  file: YamlFile,
  variables: Variables,
): readonly string[] {
  const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  const people = texts.flatMap((template) => {
    const { text } = interpolate(template, variables);
    const variable = /^\$\{(\w+)/u.exec(template)?.[1];
    return text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '')
      .filter((id) => {
        if (SLACK_ID.test(id)) return true;
        const rule = 'Slack ids separated by commas: U… or W… for people, S… for user groups';
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
