/** Channels: where the threads of incidents open, and every one that the bot works in. */
import { alertRulesOf } from '../../domain/alert-rules.ts';
import { findSystem } from './definitions.ts';
import type { Engine } from './engine.ts';

type Deps = Pick<Engine, 'catalog' | 'settings'>;

/** What a route says, else the system's own, else the ops channel. */
export function channelOf(engine: Deps, system: string | null, routed: string | null = null): string {
  const own = system === null ? null : findSystem(engine, system)?.channel;
  return routed ?? own ?? engine.settings.opsChannel;
}

/** The ops channel first. */
export function allChannels({ catalog, settings }: Deps): readonly string[] {
  const others = [...alertRulesOf(catalog).routes, ...catalog.systems].map(({ channel }) => channel ?? null);
  return [...new Set([settings.opsChannel, ...others.filter((channel) => channel !== null)])];
}
