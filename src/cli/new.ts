/** `pageturner new SYSTEM/NAME`: a commented skeleton of a runbook that passes the lint and waits to be filled in. */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NAME, nameRule } from '../catalog/schema-parts.ts';
import { type Env, readSetting } from '../config.ts';
import { nearest } from '../domain/nearest.ts';
import { readArguments, usageOf } from './commands.ts';
import { loadForTerminal } from './load.ts';

const OPERATIONS = 'operations/';

/** 0: written; 1: there is one already; 2: wrong usage. */
export async function create(args: readonly string[], env: Env): Promise<number> {
  const read = readArguments('new', args);
  if (read === null) return 2;
  const [id = ''] = read.positionals;
  const [system = '', ...rest] = id.split('/');
  const name = rest.join('/');
  if (!NAME.test(name.replace(OPERATIONS, '')))
    return say(2, `${usageOf('new')}, or SYSTEM/operations/NAME; NAME is ${nameRule}`);
  const { systems } = await loadForTerminal(env);
  const found = systems.find((candidate) => candidate.name === system);
  if (found === undefined) {
    const names = systems.map((candidate) => candidate.name);
    const close = nearest(system, names);
    return say(
      2,
      `pageturner: there is no system "${system}"; expected one of ${names.join(', ')}${close === null ? '' : `; did you mean ${close}?`}`,
    );
  }
  const path = join(readSetting(env, 'RUNBOOKS_DIR'), system, `${name}.yaml`);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) return say(1, `pageturner: ${path} is there already; nothing was written`);
  const service = found.services.find(({ probe }) => probe !== null)?.name ?? 'SERVICE';
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, name.startsWith(OPERATIONS) ? operation(service) : runbook(service), { flag: 'wx' });
  process.stdout.write(
    `${path} is written. Next: fill it in, then\n  npx pageturner lint ${path}\n  npx pageturner run ${id} --dry\n`,
  );
  return 0;
}

function say(code: number, text: string): number {
  process.stderr.write(`${text}\n`);
  return code;
}

// The first line lets editors complete the rest: `npx pageturner schema > runbooks.schema.json`.
const FIRST = '# yaml-language-server: $schema=../../runbooks.schema.json';

function runbook(service: string): string {
  return `${FIRST}
version: 1
title: What is wrong, in a few words

# Which alerts open it: Alertmanager's matchers. The runbook with the most of them wins.
triggers:
  - alertname="MyAlert", service="${service}"

# What people see, and what it means for them.
symptoms:
  - What somebody notices first.
impact:
  - Who can't do what, and what is lost if anything.

# Run at once, side by side, when the alert comes. \`probe: health\` is what /ops health asks of the service.
diagnose:
  - health: { title: Health, probe: health, service: ${service} }

# Each option is a button. A restart needs somebody on call; what can destroy data needs the tech lead (or a delegation).
# recover:
#   - restart:
#       title: Restart it
#       steps:
#         - restart: { title: Restart the container, action: docker.restart, service: ${service} }
#         - healthy: { title: It is up, probe: health, service: ${service}, within: 2m }

# Run after a recovery: is it good again?
verify:
  - health: { title: Health, probe: health, service: ${service}, within: 2m }

notes:
  - What is good to know.

escalate: { after: 15m, to: tech-lead }
`;
}

function operation(service: string): string {
  return `${FIRST.replace('../../', '../../../')}
version: 1
title: What it does, in a few words

# Checked before anything runs; {day} stands for the value in the steps.
# params:
#   day: { type: date, says: the day, example: 2024-01-31 }

# One after the other; it ends with the first that does not succeed.
steps:
  - ready: { title: It is up, probe: health, service: ${service} }
  - look: { task: What only a person can do. }
`;
}
