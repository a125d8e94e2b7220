/** Objectives and watches: a figure that Prometheus knows, held against what it should be. */

export interface Objective {
  readonly name: string;
  /** As the page has it: `p95 < 300 ms`. Empty: there is no bound, the figure is only shown. */
  readonly objective: string;
  /** Of which service it speaks; null: of the whole system. */
  readonly service: string | null;
  /** PromQL that gives the present figure; null: nothing measures it. */
  readonly query: string | null;
  /** In the figure's unit. Null: no bound. */
  readonly target: number | null;
  readonly better: 'higher' | 'lower';
  readonly unit: string;
  /** `30d`: over how long the figure goes. */
  readonly window: string | null;
}

/** What an objective came to. */
export interface Figure {
  readonly name: string;
  readonly objective: string;
  readonly service: string | null;
  readonly unit: string;
  readonly window: string | null;
  /** A watch is shown beside its service; an objective always. */
  readonly kind: 'objective' | 'watch';
  /** Null: no data, and `reason` says why. */
  readonly value: number | null;
  readonly reason: string | null;
  /** Null: no data, or no bound. */
  readonly good: boolean | null;
  /** Of the errors that the objective allows, the part that is left: 1 all, 0 none, less when it is overdrawn. */
  readonly budgetLeft: number | null;
}

/** What was asked, with its answer. */
export function judge(
  asked: Objective,
  kind: Figure['kind'],
  answer: { readonly value: number | null; readonly reason: string | null },
): Figure {
  const { name, objective, service, unit, window, target, better } = asked;
  const { value, reason } = answer;
  const good =
    value === null || target === null ? null : better === 'higher' ? value >= target : value <= target;
  const budgetLeft = value === null ? null : budget(asked, value);
  return { name, objective, service, unit, window, kind, value, reason, good, budgetLeft };
}

/** Only parts of a whole have a budget of errors: what lies between the objective and perfection. */
function budget({ target, better, unit }: Objective, value: number): number | null {
  if (unit !== '%' || target === null) return null;
  const [allowed, used] = better === 'higher' ? [100 - target, 100 - value] : [target, value];
  return allowed <= 0 ? null : 1 - used / allowed;
}

/** `99.95 % (objective 99.9 %; error budget left 50 % of 30d)`, without its name. */
export function sayFigure(figure: Figure): string {
  const wanted = figure.objective === '' ? null : `objective ${figure.objective}`;
  if (figure.value === null) {
    return [figure.reason ?? 'no data', ...(wanted === null ? [] : [wanted])].join(' · ');
  }
  const left = figure.budgetLeft === null ? null : sayBudget(figure.budgetLeft, figure.window);
  const more = [wanted, left].filter((part) => part !== null);
  const span = left === null && figure.window !== null ? ` over ${figure.window}` : '';
  return `${sayNumber(figure.value)}${figure.unit === '' ? '' : ` ${figure.unit}`}${span}${more.length === 0 ? '' : ` (${more.join('; ')})`}`;
}

function sayBudget(left: number, window: string | null): string {
  const span = window === null ? '' : ` of ${window}`;
  if (left < 0) return `error budget overdrawn: ${sayNumber((1 - left) * 100)} % used${span}`;
  return `error budget left ${sayNumber(left * 100)} %${span}`;
}

/** `✓`, `✗`, `?` for no data, `·` where nothing bounds it. */
export function markOf(figure: Figure): string {
  if (figure.value === null) return '?';
  return figure.good === null ? '·' : figure.good ? '✓' : '✗';
}

/** Three decimals at most, none that say nothing. */
function sayNumber(value: number): string {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toFixed(3)));
}
