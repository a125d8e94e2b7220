/** Every file that `npm run coverage` writes; the tests refuse one that is out of date. */
import { commandsPage } from './commands-page.ts';
import { coveragePage } from './coverage-page.ts';
import { envExample, environmentPage } from './environment-page.ts';
import { keysPage } from './keys-page.ts';
import { kindsPage } from './kinds-page.ts';
import { metricsPage } from './metrics-page.ts';

export const PAGES: readonly (readonly [file: string, page: () => string])[] = [
  ['docs/kinds.md', kindsPage],
  ['docs/coverage.md', coveragePage],
  ['docs/keys.md', keysPage],
  ['docs/reference-commands.md', commandsPage],
  ['docs/reference-metrics.md', metricsPage],
  ['docs/reference-environment.md', environmentPage],
  ['.env.example', envExample],
];
