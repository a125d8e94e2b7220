/** What a running bot consists of, and under which licences, by one command each. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
  components: z.array(z.object({ name: z.string(), version: z.string(), purl: z.string() })),
});

test('the bill of materials has every package that the bot needs, and none that only its tests need', async () => {
  const names = billSchema.parse(JSON.parse(await npmRun('sbom'))).components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  expect(names.length).toBeGreaterThan(Object.keys(dependencies).length);
  expect(
    names.filter((name) => Object.hasOwn(devDependencies, name) && !Object.hasOwn(dependencies, name)),
  ).toEqual([]);
});

test('the list of licences has every package once, and a licence for each but the fonts', async () => {
  const lines = (await npmRun('licences')).trimEnd().split('\n');
  const listed = new Map(lines.map((line) => [line.split(': ')[0], line.split(': ')[1]?.split(', ') ?? []]));
  const names = [...listed.values()].flat().map((each) => each.replace(/ [^ ]+$/u, ''));
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  expect((listed.get('none said') ?? []).map((each) => each.split(' ')[0])).toEqual(['dejavu-fonts-ttf']);
});
