/** An alert that always fires stays away; the same message says when it is back. */
import { sayDuration } from '../../domain/duration.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import type { Absence } from '../../journal/absences.ts';
import { context, message, moment, type Rendered, section } from '../blocks.ts';

export function absenceView({ name, lastSeenAt, backAt }: Absence): Rendered {
  const said = escapeMrkdwn(name);
  if (backAt !== null) {
    const away = sayDuration(backAt.getTime() - lastSeenAt.getTime());
    return message([section(`✓ *${said} is back* after ${away}. Alerts reach me again.`)]);
  }
  return message([
    section(
      `⚠ *${said} stays away*: last seen ${moment(lastSeenAt)}. Other alerts may not reach me either. Look at Prometheus and Alertmanager now, and watch by hand (\`/ops health\`) until it is back.`,
    ),
    context(`${said} always fires; its silence says that something between Prometheus and here is broken.`),
  ]);
}
