#!/usr/bin/env node
// The licences of what a running bot consists of, one a line with its packages, from npm's own bill of materials.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bill = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
  cwd: root,
  maxBuffer: 64 * 1024 * 1024,
});
// With --omit dev npm would also leave out what a package of the tests may use as well.
const isForTests = ({ properties = [] }) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
const byLicence = new Map();
for (const part of JSON.parse(bill.toString()).components) {
  if (isForTests(part)) continue;
  const { name, version, licenses = [] } = part;
  const licence =
    licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(', ') ||
    'none said';
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name} ${version}`]);
}
for (const [licence, packages] of [...byLicence].sort())
  process.stdout.write(`${licence}: ${packages.sort().join(', ')}\n`);
