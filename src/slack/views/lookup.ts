/** Something looked up for the channel: a table or a log in a code block, and its picture. */
import type { KnownBlock } from '@slack/web-api';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { Lookup } from '../../journal/lookups.ts';
import type { ShownPicture } from '../../journal/pictures.ts';
import { codeSections, context, header, message, moment, type Rendered } from '../blocks.ts';
import { pictureBlocks } from './picture.ts';

export function lookupView(lookup: Lookup, picture: ShownPicture | null): Rendered {
  const blocks: KnownBlock[] = [
    header(lookup.title),
    ...(lookup.body === '' ? [] : codeSections(lookup.body)),
    ...pictureBlocks(picture),
    context(`${progress(lookup)} · asked by <@${escapeMrkdwn(lookup.askedBy)}> · ${moment(lookup.at)}`),
  ];
  return message(blocks);
}

function progress({ follow, until, endedAt, body, note }: Lookup): string {
  if (note !== null) return escapeMrkdwn(oneLine(note, 300));
  if (follow === null || until === null) return 'read once';
  if (endedAt !== null) return 'no longer followed';
  return `${body === '' ? 'asking · ' : ''}followed until ${moment(until)}`;
}
