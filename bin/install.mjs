// Installs what package-lock.json names, when it isn't there yet. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './alone.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = 24;
const modules = join(root, 'node_modules');
const lockFile = join(root, 'package-lock.json');
const mark = join(modules, '.pageturner-lock');

const lockDigest = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');
const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** What npm says it has installed is what the lock file asks for; `dev`: with what only tests need. */
function agrees(dev) {
  const installed = join(modules, '.package-lock.json');
  if (!existsSync(installed)) return false;
  const has = packagesOf(installed);
  return Object.entries(packagesOf(lockFile)).every(([path, wanted]) => {
    if (path === '') return true;
    const found = has[path];
    if (found !== undefined) return found.version === wanted.version;
    return Boolean(wanted.optional || wanted.devOptional || (wanted.dev && !dev));
  });
}

function isInstalled(dev) {
  // An image has no lock file: what it was built with is what there is.
  if (!existsSync(lockFile)) return existsSync(modules);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lockDigest()) return true;
  return agrees(dev);
}

/** `dev`: what only tests need must be there too. Ends the process with 1 when it can't be installed. */
export function install({ dev }) {
  if (isInstalled(dev)) return;
  // "npm start" and "npm test" may begin at once: the second finds it done.
  alone(`install ${root}`, () => isInstalled(dev) || installNow());
}

function installNow() {
  process.stderr.write('pageturner: installing what is missing (npm ci); this happens once\n');
  const given = process.env.npm_execpath ?? '';
  const [program, first] = given.endsWith('npm-cli.js') ? [process.execPath, [given]] : ['npm', []];
  // With what only tests need, even where NODE_ENV says production: Node 24 is among it.
  const args = ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
  const done = spawnSync(program, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    const why = done.error === undefined ? 'see above' : done.error.message;
    process.stderr.write(`pageturner: npm ci failed in ${root}: ${why}\n`);
    process.exit(1);
  }
  writeFileSync(mark, lockDigest());
}

/** Node 24, which runs the TypeScript as it is: the one that was installed, or this one if it is new enough. */
export function node() {
  const own = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return process.execPath;
  process.stderr.write(
    `pageturner: Node ${OLDEST_NODE} is missing from node_modules and this is Node ${process.versions.node}: ` +
      'run "npm ci --include=dev --ignore-scripts=false", or use Node 24\n',
  );
  process.exit(1);
}
