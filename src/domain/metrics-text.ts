/** Figures in Prometheus's text format, or OpenMetrics (prometheus.io, "Exposition formats"). */

export interface Figure {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+(?<value>\S+)/u;
/** Lines; a page of metrics begins with comments, and then has some. */
const LOOKED_AT = 1000;
const LABEL = /(?<name>[a-zA-Z_]\w*)\s*=\s*"(?<value>(?:[^"\\]|\\.)*)"/gu;
const INFINITE: Readonly<Record<string, number>> = { '+Inf': Infinity, Inf: Infinity, '-Inf': -Infinity };

/** Comments and what isn't a figure are passed over: other lines of a page may still be read. */
export function parseFigures(text: string, wanted: (name: string) => boolean): readonly Figure[] {
  const figures: Figure[] = [];
  for (const line of text.split('\n')) {
    const { name = '', labels = '', value = '' } = LINE.exec(line)?.groups ?? {};
    if (name === '' || !wanted(name)) continue;
    const number = INFINITE[value] ?? Number(value);
    if (Number.isNaN(number) && value !== 'NaN') continue;
    figures.push({ name, labels: parseLabels(labels), value: number });
  }
  return figures;
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(LABEL)].map(({ groups }) => [
    groups?.name ?? '',
    (groups?.value ?? '').replace(/\\(.)/gu, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
  ]);
  return Object.fromEntries(pairs);
}

/** Whether it is such a page at all. */
export const hasFigures = (text: string): boolean =>
  text.split('\n', LOOKED_AT).some((line) => LINE.test(line));
