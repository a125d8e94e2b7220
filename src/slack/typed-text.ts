/** What people typed, as they typed it: Slack sends entities and links, and mentions with names beside them. */

const LINK = /<((?:https?|mailto|tel|ftp):[^|>]*)(?:\|([^>]*))?>/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/**
 * Decoded once, at the edge (docs.slack.dev, "Formatting message text"). Links become what was typed; mentions of
 * people, groups and channels stay (`<@U…|name>`), since a name alone may be anyone's.
 */
export function decodeTyped(text: string): string {
  return text
    .replace(
      LINK,
      (_, address: string, label: string | undefined) => label || address.replace(/^mailto:/u, ''),
    )
    .replace(/&(?:lt|gt|amp);/gu, (entity) => ENTITIES[entity] ?? entity);
}
