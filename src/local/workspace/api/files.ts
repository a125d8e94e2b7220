/** files.*: an address to upload to, then the upload itself, then its completion and, if wanted, its sharing. */
import { isObject, list, text } from '../json.ts';
import { BOT } from '../people.ts';
import { newId } from '../store.ts';
import { openChannel, readThread } from './content.ts';
import { type Method, no } from './method.ts';

const LARGEST = 64 * 1024 * 1024;

const uploadUrl: Method = ({ store, baseUrl }, args) => {
  const [name, length] = [text(args.filename), Number(args.length)];
  if (name === '' || !(length > 0)) return no('invalid_arguments');
  if (length > LARGEST) return no('file_upload_size_restricted');
  const id = newId('F');
  store.putFile({ id, name, title: name, body: Buffer.alloc(0), state: 'asked' });
  return { ok: true, file_id: id, upload_url: `${baseUrl()}/slack-workspace/upload/${id}` };
};

const complete: Method = (deps, args) => {
  const { store } = deps;
  const wanted = list(args.files).filter(isObject);
  const files = wanted.map(({ id }) => store.files.get(text(id))).filter((file) => file !== undefined);
  if (wanted.length === 0) return no('invalid_arguments');
  if (files.length < wanted.length || files.some((file) => file.state === 'asked'))
    return no('file_not_found');
  const isShared = text(args.channel_id) !== '';
  const channel = isShared ? openChannel(deps, args.channel_id, false) : null;
  if (channel !== null && typeof channel !== 'string') return channel;
  const threadTs = channel === null ? null : readThread(store, channel, args.thread_ts);
  if (threadTs !== null && typeof threadTs === 'object') return threadTs;
  const readyAt = Date.now() + deps.slowFiles.ms;
  for (const [i, file] of files.entries()) {
    const title = text(wanted[i]?.title);
    store.putFile({ ...file, title: title === '' ? file.name : title, state: 'complete', readyAt });
  }
  if (channel !== null)
    store.add({
      channel,
      threadTs,
      user: BOT.id,
      text: text(args.initial_comment),
      blocks: null,
      metadata: null,
      visibleTo: null,
      files: files.map((file) => file.id),
    });
  return { ok: true, files: files.map(({ id }) => ({ id, title: store.files.get(id)?.title ?? '' })) };
};

export const files: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': uploadUrl,
  'files.completeUploadExternal': complete,
};
