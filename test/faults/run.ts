/** `npm run faults`: the proof that nothing is lost and nothing happens twice. See docs/faults.md. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chaos } from './chaos/chaos.ts';
import { crash } from './crash/crash.ts';
import { races } from './races/races.ts';
import { drawSamples } from './soak/graph.ts';
import { soak } from './soak/soak.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    parallel: { type: 'string', default: '2' },
    resume: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    rounds: { type: 'string', default: '200' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function crashPoints(): Promise<boolean> {
  const only = values.only;
  const summary = await crash({
    parallel: Number(values.parallel),
    file: values.resume ?? null,
    say,
    ...(only === undefined ? {} : { choose: (all) => all.filter((point) => point.label.includes(only)) }),
  });
  for (const point of summary.unreached)
    say(`not reached again: ${point.when} ${point.label} #${point.number}`);
  say(`\n${summary.line}`);
  return summary.good;
}

const seed = Number(values.seed ?? Date.now() % 1_000_000);
const minutes = values.minutes === undefined ? null : Number(values.minutes);

async function chaosOfAll(): Promise<boolean> {
  const result = await chaos({
    seed,
    stormMs: (minutes ?? 10) * 60_000,
    alerts: 10_000,
    perGroup: 50,
    approvals: 200,
    perThread: 5,
    calmMs: 45 * 60_000,
    say,
  });
  for (const what of result.wrong) say(`wrong: ${what}`);
  for (const what of result.otherwise) say(`ended otherwise: ${what}`);
  say(`\n${[...result.blows].map(([blow, n]) => `${blow} ${n}`).join(', ')}`);
  say(result.line);
  return result.wrong.length === 0;
}

async function soakForLong(): Promise<boolean> {
  const result = await soak({ durationMs: (minutes ?? 10) * 60_000, everyMs: 5000, say });
  const file = join(values.out ?? tmpdir(), 'pageturner-soak.svg');
  writeFileSync(file, drawSamples(result.samples));
  const { before, after } = result.descriptors;
  for (const what of result.wrong) say(`wrong: ${what}`);
  say(
    `\n${result.samples.length} samples, drawn in ${file}; file descriptors ${before} before, ${after} after`,
  );
  return result.wrong.length === 0;
}

const parts: Readonly<Record<string, () => Promise<boolean>>> = {
  crash: crashPoints,
  races: () => races({ rounds: Number(values.rounds), seed, say }),
  chaos: chaosOfAll,
  soak: soakForLong,
};
const wanted = positionals.length > 0 ? positionals : Object.keys(parts);
let good = true;
for (const name of wanted) {
  const part = parts[name];
  if (part === undefined) {
    process.stderr.write(`faults: there is no "${name}"; there are ${Object.keys(parts).join(', ')}\n`);
    process.exit(2);
  }
  say(`\n== ${name}`);
  good = (await part()) && good;
}
process.exit(good ? 0 : 1);
