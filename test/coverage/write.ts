/** `npm run coverage`: writes the pages of docs/ that are made from the code and the catalog. */
import { writeFileSync } from 'node:fs';
import { coveragePage } from './coverage-page.ts';
import { keysPage } from './keys-page.ts';
import { kindsPage } from './kinds-page.ts';

writeFileSync('docs/kinds.md', kindsPage());
writeFileSync('docs/coverage.md', coveragePage());
writeFileSync('docs/keys.md', keysPage());
