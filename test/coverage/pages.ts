/** Every file that `npm run coverage` writes; the tests refuse one that is out of date. */
import { coveragePage } from './coverage-page.ts';
import { envExample, environmentPage } from './environment-page.ts';
import { keysPage } from './keys-page.ts';
import { kindsPage } from './kinds-page.ts';

export const PAGES: readonly (readonly [file: string, page: () => string])[] = [
  ['docs/kinds.md', kindsPage],
  ['docs/coverage.md', coveragePage],
  ['docs/keys.md', keysPage],
  ['docs/reference-environment.md', environmentPage],
  ['.env.example', envExample],
];
