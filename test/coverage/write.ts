/** `npm run coverage`: writes the files that are made from the code and the catalog. */
import { writeFileSync } from 'node:fs';
import { PAGES } from './pages.ts';

for (const [file, page] of PAGES) writeFileSync(file, page());
