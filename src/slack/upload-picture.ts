/** A picture for an image block: uploaded, and shown by nobody until a message names it. */
import type { SlackPort } from './slack-client.ts';
import { type Uploaded, uploadFile } from './upload-file.ts';

export const uploadPicture = (slack: SlackPort, png: Uint8Array, title: string): Promise<Uploaded> =>
  uploadFile(slack, { name: 'picture.png', title, alt: title, bytes: png });
