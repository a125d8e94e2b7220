/** What runbooks/ holds, as it is written, under an address of its own; read as plain YAML: nothing stands between. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const Fields = z.record(z.string(), z.unknown());
type Fields = z.output<typeof Fields>;

export interface Written {
  /** `moalog/redis-down#recover.restart.healthy`, `moalog#services.redis`. */
  readonly at: string;
  /** A step's probe or action, or `task`; of anything else, what it is: `program`, `text`, a trigger's own text. */
  readonly kind: string;
  readonly fields: Fields;
}

/** `folder`: of the whole catalog. */
export function readWritten(folder = 'runbooks'): readonly Written[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[^/]+\/(operations\/)?[^/]+\.yaml$/u.test(name))
    .sort()
    .flatMap((name) => {
      const file = mapOf(parse(readFileSync(join(folder, name), 'utf8')));
      const isSystem = name.endsWith('/system.yaml');
      return isSystem
        ? ofSystem(name.replace('/system.yaml', ''), file)
        : ofRunbook(name.replace(/\.yaml$/u, ''), file);
    });
}

function ofRunbook(id: string, file: Fields): readonly Written[] {
  const options = listOf(file.recover).flatMap((item) =>
    Object.entries(mapOf(item)).flatMap(([key, option]) =>
      steps(`${id}#recover.${key}`, mapOf(option).steps),
    ),
  );
  return [
    ...('condition' in file ? conditionsOf(id, file.condition) : []),
    ...['diagnose', 'steps', 'verify'].flatMap((part) => steps(`${id}#${part}`, file[part])),
    ...options,
    ...listOf(file.triggers).map((text) => plain(`${id}#trigger`, String(text))),
    ...['symptoms', 'impact', 'notes'].flatMap((part) =>
      listOf(file[part]).map((_, i) => plain(`${id}#${part}.${i + 1}`, 'text')),
    ),
    ...Object.keys(mapOf(file.params)).map((name) => plain(`${id}#params.${name}`, 'parameter')),
    ...('escalate' in file ? [plain(`${id}#escalate`, String(mapOf(file.escalate).to))] : []),
  ];
}

/** One, or several of different alerts. */
const conditionsOf = (id: string, written: unknown): readonly Written[] =>
  Array.isArray(written)
    ? written.map((one, i) => step(`${id}#condition.${i + 1}`, mapOf(one)))
    : [step(`${id}#condition`, mapOf(written))];

function ofSystem(name: string, file: Fields): readonly Written[] {
  const services = Object.entries(mapOf(file.services)).flatMap(([service, value]) => {
    const fields = mapOf(value);
    const at = `${name}#services.${service}`;
    const health = 'probe' in fields ? step(at, mapOf(fields.probe)) : plain(at, 'no part of health');
    return [
      health,
      ...steps(`${at}.checks`, fields.checks),
      ...listOf(fields.avoid).map((path) => plain(`${at}.avoid`, String(path))),
    ];
  });
  const named = (part: string, kind: string, key: string): readonly Written[] =>
    listOf(file[part]).map((item) => plain(`${name}#${part}.${String(mapOf(item)[key])}`, kind));
  return [
    ...services,
    ...Object.keys(mapOf(file.programs)).map((key) => plain(`${name}#programs.${key}`, 'program')),
    ...Object.keys(mapOf(file.calls)).map((key) => plain(`${name}#calls.${key}`, 'call')),
    ...Object.keys(mapOf(file.variables)).map((key) => plain(`${name}#variables.${key}`, 'variables')),
    ...named('links', 'link', 'title'),
    ...named('resilience', 'call between services', 'call'),
    ...named('objectives', 'objective', 'name'),
    ...named('watches', 'watch', 'name'),
    ...listOf(file.notes).map((_, i) => plain(`${name}#notes.${i + 1}`, 'text')),
    ...listOf(mapOf(file.compose).volumes).map((volume) =>
      plain(`${name}#volumes.${String(volume)}`, 'protected'),
    ),
  ];
}

function steps(at: string, list: unknown): readonly Written[] {
  return listOf(list).flatMap((item) => {
    const fields = mapOf(item);
    const kind = fields.probe ?? fields.action ?? (fields.task === undefined ? undefined : 'task');
    if (typeof kind === 'string') return [step(`${at}.${kind}`, fields)];
    return Object.entries(fields).map(([key, inside]) => step(`${at}.${key}`, mapOf(inside)));
  });
}

const step = (at: string, fields: Fields): Written => ({
  at,
  kind: String(fields.probe ?? fields.action ?? 'task'),
  fields,
});
const plain = (at: string, kind: string): Written => ({ at, kind, fields: {} });

/** How the catalog itself uses a kind, in one line; null: nowhere. */
export function exampleOf(kind: string, written: readonly Written[]): string | null {
  const isStep = ({ fields }: Written): boolean => fields.probe === kind || fields.action === kind;
  const found = written.find(
    (one) =>
      isStep(one) &&
      /#(?!services)/u.test(one.at) &&
      one.fields.service !== 'alert' &&
      !('holds' in one.fields),
  );
  if (found === undefined) return null;
  const text = stringify(found.fields, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return text.length > 180 ? null : text;
}

const mapOf = (value: unknown): Fields => Fields.safeParse(value).data ?? {};
/** One text stands for a list of it. */
const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
