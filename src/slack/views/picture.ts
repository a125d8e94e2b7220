/** A message's picture, by the id of its file. */
import type { ImageBlock, KnownBlock } from '@slack/web-api';
import type { PictureWish } from '../../domain/picture.ts';
import { cut, escapeCode, escapeMrkdwn, oneLine, plain } from '../../domain/text.ts';
import type { ShownPicture } from '../../journal/pictures.ts';
import { context } from '../blocks.ts';
import { LIMITS } from '../limits.ts';

const QUERY_SHOWN = 500;

/** Nothing while there is none; where Slack would not show it, what it was of, to be looked up by hand. */
export function pictureBlocks(picture: ShownPicture | null): readonly KnownBlock[] {
  if (picture === null) return [];
  if (picture.fileId === null) return [context(instead(picture.wish))];
  return [image(picture.fileId, altOf(picture.wish))];
}

function image(fileId: string, alt: string): ImageBlock {
  return {
    type: 'image',
    slack_file: { id: fileId },
    alt_text: cut(oneLine(alt, LIMITS.imageAltText), LIMITS.imageAltText),
  };
}

/** For those who can't see it: what it is of, since what it shows is in the text as well. */
function altOf(wish: PictureWish): string {
  return wish.kind === 'metric' ? `${wish.title}, over the last hour` : `${wish.chart.title}, as bars`;
}

function instead(wish: PictureWish): string {
  if (wish.kind === 'chart') return 'Slack does not show the picture of this.';
  const query = escapeCode(cut(plain(wish.query), QUERY_SHOWN));
  return `Slack does not show the picture of ${escapeMrkdwn(oneLine(wish.title, 100))}; the query is \`${query}\``;
}
