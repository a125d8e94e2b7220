/** Which of Prometheus's scrape targets are up, and what is wrong with the others. */
import { z } from 'zod';
import { oneLine } from '../domain/text.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';
import { askPrometheus } from './prometheus-answer.ts';

const MOST_SHOWN = 100;

const settings = z.strictObject({
  /** Only targets of this job. */
  job: z.string().min(1).max(200).optional(),
});

const answer = z.object({
  activeTargets: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      health: z.string(),
      lastError: z.string().default(''),
    }),
  ),
});

export const prometheusTargets = probeKind<z.output<typeof settings>>({
  name: 'prometheus.targets',
  settings,
  needs: { schemes: ['http', 'https'] },
  facts: { down: { type: 'number' }, up: { type: 'number' }, total: { type: 'number' } },
  async probe(target, { job }, context) {
    const data = await askPrometheus(addressOf(target), '/api/v1/targets?state=active', answer, context);
    const targets = data.activeTargets.filter(({ labels }) => job === undefined || labels.job === job);
    const sick = targets.filter(({ health }) => health === 'down');
    const facts = {
      down: sick.length,
      up: targets.filter(({ health }) => health === 'up').length,
      total: targets.length,
    };
    const name = ({ labels }: (typeof targets)[number]) => `${labels.job ?? '?'}/${labels.instance ?? '?'}`;
    const lines = targets.map((entry) => oneLine(`${name(entry)}: ${entry.health} ${entry.lastError}`, 200));
    const output = lines.slice(0, MOST_SHOWN).join('\n');
    const [first] = sick;
    if (first === undefined) return up(facts, output);
    return degraded(
      `${sick.length} of ${targets.length} targets are down: ${sick.slice(0, 3).map(name).join(', ')}`,
      facts,
      output,
    );
  },
});
