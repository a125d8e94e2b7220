/** Somebody opens App Home: that is written down, and the view comes within a second. */
import type { App } from '@slack/bolt';
import { whyNoMember } from '../../engine/core/authority.ts';
import { openHome } from '../../journal/homes.ts';
import { wrongWorkspace } from '../check-place.ts';
import type { SlackContext } from '../slack-context.ts';
import { HOME_PACE_MS } from './publish-homes.ts';

export function registerHome(app: App, context: SlackContext): void {
  // Bolt acknowledges events by itself before this runs.
  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab !== 'home') return;
    const { engine } = context;
    try {
      if ((await wrongWorkspace(context, body.team_id)) !== null) return;
      if ((await whyNoMember(engine, event.user)) !== null) return;
      await openHome(engine.journal.pool, event.user, HOME_PACE_MS);
    } catch (error) {
      engine.log.warn({ err: error, person: event.user }, 'an opened App Home could not be written down');
    }
  });
}
