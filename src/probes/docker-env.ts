/** Which variables a container was made with: their names alone. Their values are read and dropped in this file. */
import { z } from 'zod';
import { readDockerJson } from '../clients/docker-answers.ts';
import { alignColumns } from '../domain/table.ts';
import { containerOf, degraded, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  names: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u))
    .min(1)
    .max(100),
});

/** Docker Engine API, `GET /containers/{id}/json`: `Config.Env` holds `NAME=value`, the image's own among them. */
const container = z.object({ Config: z.object({ Env: z.array(z.string()).nullish() }) });

/** A variable that is there with nothing in it configures nothing. */
const isSet = (env: readonly string[], name: string): boolean =>
  env.some((entry) => entry.startsWith(`${name}=`) && entry.length > name.length + 1);

export const dockerEnv = probeKind<z.output<typeof settings>>({
  name: 'docker.env',
  settings,
  needs: 'container',
  facts: { missing: { type: 'text' }, set: { type: 'number' }, not_set: { type: 'number' } },
  async probe(target, { names }, context) {
    const path = `/containers/${encodeURIComponent(containerOf(target))}/json`;
    const { Config } = await readDockerJson(target.dockerHost, path, container, context);
    const missing = names.filter((name) => !isSet(Config.Env ?? [], name));
    const facts = {
      missing: missing.join(', '),
      set: names.length - missing.length,
      not_set: missing.length,
    };
    const output = alignColumns(names.map((name) => [name, missing.includes(name) ? 'not set' : 'set']));
    if (missing.length === 0) return up(facts, output);
    return degraded(`${missing.length} of ${names.length} not set: ${missing.join(', ')}`, facts, output);
  },
});
