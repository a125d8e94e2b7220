/** Links for people: an address, or a service's own address, without credentials. */
import { didYouMean } from '../domain/nearest.ts';
import type { Link, ServiceEntry } from '../domain/runbook.ts';
import { shownAddress } from '../domain/target.ts';
import type { Path } from './problem.ts';
import type { LinkFields } from './schemas.ts';
import type { YamlFile } from './yaml-file.ts';

export interface LinkContext {
  readonly file: YamlFile;
  readonly services: readonly ServiceEntry[];
  /** Links that may be named by their titles. */
  readonly known: readonly Link[];
}

/** Slack's `<url|title>` must stay one link. */
const SAFE = /^https?:\/\/[^\s|<>]+$/u;

export function readLinks(list: readonly LinkFields[], path: Path, context: LinkContext): readonly Link[] {
  return list.flatMap((fields, index) => readLink(fields, [...path, index], context) ?? []);
}

/** Null when it is reported, or when its service is not configured here. */
function readLink(fields: LinkFields, path: Path, { file, services, known }: LinkContext): Link | null {
  if (typeof fields === 'string') {
    const link = known.find(({ title }) => title === fields);
    if (link !== undefined) return link;
    const titles = known.map(({ title }) => title);
    const expected = titles.length === 0 ? 'a map of title and url' : `one of ${titles.join(', ')}`;
    file.fault(path, `there is no link "${fields}"; expected ${expected}${didYouMean(fields, titles)}`);
    return null;
  }
  if ('url' in fields) {
    if (SAFE.test(fields.url) && URL.canParse(fields.url)) return { title: fields.title, url: fields.url };
    file.fault(
      [...path, 'url'],
      'url is no address of a page; expected http:// or https://, without blanks, | < and >',
    );
    return null;
  }
  const entry = services.find(({ name }) => name === fields.service);
  if (entry === undefined) {
    const names = services.map(({ name }) => name);
    file.fault(
      [...path, 'service'],
      `there is no service "${fields.service}"${didYouMean(fields.service, names)}`,
    );
    return null;
  }
  const { url } = entry.target;
  if (url === null) return null;
  const address = `${shownAddress(url)}${fields.path ?? ''}`;
  if (SAFE.test(address)) return { title: fields.title, url: address };
  file.fault(
    [...path, 'service'],
    `${fields.service} has no page; expected a service with an http:// address`,
  );
  return null;
}
