/** `npm run faults`: the proof that nothing is lost and nothing happens twice. See docs/faults.md. */
import { parseArgs } from 'node:util';
import { crash } from './crash/crash.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    parallel: { type: 'string', default: '2' },
    resume: { type: 'string' },
    only: { type: 'string' },
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

const parts: Readonly<Record<string, () => Promise<boolean>>> = { crash: crashPoints };
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
