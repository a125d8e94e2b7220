/** Where a program runs, found and recognised. */
import type { Facts } from '../../domain/probe.ts';

interface Common {
  /** For people and for the plan: `/srv/market-data`, `container shop-api`. */
  readonly name: string;
  readonly identity: Facts;
  readonly marker: string | null;
  readonly preview: readonly string[];
}

export type Place =
  | (Common & { readonly kind: 'folder'; readonly folder: string; readonly file: string })
  | (Common & { readonly kind: 'container'; readonly id: string });
