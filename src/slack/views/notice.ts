/** Something that needs a person's eye and belongs to no incident: an alert that could not be read. */
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { Notice } from '../../journal/notices.ts';
import { context, message, moment, type Rendered, section } from '../blocks.ts';

export function noticeView(notice: Notice): Rendered {
  return message([
    section(
      `⚠ *An alert could not be read* and was refused with 400 (the sender does not try again): ${escapeMrkdwn(oneLine(notice.problem, 500))}`,
    ),
    context(
      `from ${escapeMrkdwn(oneLine(notice.source, 100))} ${moment(notice.at)} · kept as dead letter ${notice.id}${notice.count > 1 ? ` · ${notice.count} like it` : ''}`,
    ),
  ]);
}
