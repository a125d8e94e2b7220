/** Objectives and watches as lines; those without data share one line for each reason. */
import { type Figure, markOf, sayFigure } from '../../domain/objective.ts';
import { escapeMrkdwn } from '../../domain/text.ts';

/**
 * For a whole system's health the objectives, and the watches that are past their bound; everything for one service
 * (`service`) and for `/ops slo` (`all`).
 */
export function figureLines(
  figures: readonly Figure[],
  scope: 'system' | 'service' | 'all',
): readonly string[] {
  const shown = figures.filter(
    (figure) => scope !== 'system' || figure.kind === 'objective' || figure.good === false,
  );
  const objectives = shown.filter((figure) => figure.kind === 'objective');
  const watches = shown.filter((figure) => figure.kind === 'watch');
  return [...titled('Objectives', objectives, scope), ...titled('Watches', watches, scope)];
}

function titled(title: string, figures: readonly Figure[], scope: string): readonly string[] {
  if (figures.length === 0) return [];
  const known = figures.filter((figure) => figure.value !== null);
  const reasons = [
    ...new Set(figures.flatMap((one) => (one.value === null ? [one.reason ?? 'no data'] : []))),
  ];
  return [
    `*${title}*`,
    ...known.map(
      (figure) => `${markOf(figure)} ${nameOf(figure, scope)}: ${escapeMrkdwn(sayFigure(figure))}`,
    ),
    ...reasons.map((reason) => {
      const without = figures.filter((one) => one.value === null && (one.reason ?? 'no data') === reason);
      const names = without.map((one) => {
        const wanted = one.objective === '' ? '' : ` (objective ${escapeMrkdwn(one.objective)})`;
        return `${nameOf(one, scope)}${wanted}`;
      });
      return `? ${escapeMrkdwn(reason)} · ${names.join(', ')}`;
    }),
  ];
}

/** Not bold: a bold name in a health answer is a service's. */
function nameOf(figure: Figure, scope: string): string {
  const service = scope === 'service' || figure.service === null ? '' : ` (${figure.service})`;
  return escapeMrkdwn(`${figure.name}${service}`);
}
