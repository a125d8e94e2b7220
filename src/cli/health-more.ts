/** Further checks and objectives, as lines of a terminal. */
import { markOf, sayFigure } from '../domain/objective.ts';
import { sayFacts } from '../domain/say-facts.ts';
import type { HealthMore } from '../journal/health.ts';

const FACTS_SHOWN = 8;

/** Of one service everything; of a system the objectives, and the watches that are past their bound. */
export function moreLines(more: HealthMore, service: string | null): readonly string[] {
  const checks = (more.checks ?? []).map(({ title, result }) => {
    const facts = sayFacts(result.facts, FACTS_SHOWN);
    return [`${title}: ${result.state}`, result.reason, facts].filter((text) => text).join(' · ');
  });
  const figures = (more.figures ?? [])
    .filter((figure) => service !== null || figure.kind === 'objective' || figure.good === false)
    .map((figure) => `${markOf(figure)} ${figure.name}: ${sayFigure(figure)}`);
  return [...checks, ...figures];
}
