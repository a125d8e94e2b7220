/** What the bot consists of, and under which licences, by one command each. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { dependencies, devDependencies } = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

async function npmRun(script: string): Promise<string> {
  const options = { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)('npm', ['run', '--silent', script], options)).stdout;
}

const billSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    }),
  ),
});

test('the bill of materials has every package, and marks those of development', async () => {
  const { components } = billSchema.parse(JSON.parse(await npmRun('sbom')));
  const development = { name: 'cdx:npm:package:development', value: 'true' };
  const isMarked = new Map(
    components.map(({ name, properties }) => [
      name,
      properties.some((one) => isDeepStrictEqual(one, development)),
    ]),
  );
  expect(Object.keys(dependencies).filter((name) => isMarked.get(name) !== false)).toEqual([]);
  expect(Object.keys(devDependencies).filter((name) => isMarked.get(name) !== true)).toEqual([]);
});

test('the list of licences has what a running bot consists of, and a licence for each but the fonts', async () => {
  const lines = (await npmRun('licences')).trimEnd().split('\n');
  const listed = new Map(lines.map((line) => [line.split(': ')[0], line.split(': ')[1]?.split(', ') ?? []]));
  const names = [...listed.values()].flat().map((each) => each.replace(/ [^ ]+$/u, ''));
  expect(Object.keys(dependencies).filter((name) => !names.includes(name))).toEqual([]);
  for (const name of ['vitest', 'typescript', 'playwright-core']) expect(names).not.toContain(name);
  expect((listed.get('none said') ?? []).map((each) => each.split(' ')[0])).toEqual(['dejavu-fonts-ttf']);
});
