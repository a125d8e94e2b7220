/** Slack's blocks, made so that they can't pass its limits. Text given here is mrkdwn: outside text is escaped first. */
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/web-api';
import { cut, escapeCode } from '../domain/text.ts';
import { LIMITS } from './limits.ts';

export interface Rendered {
  /** The whole message as text: what notifications and screen readers say. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** Characters of `text` that Slack shows in full (docs.slack.dev, chat.postMessage: 4,000 recommended). */
const TEXT_SHOWN = 3900;

export function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text: cut(text, LIMITS.headerText), emoji: true } };
}

export function section(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, LIMITS.sectionText) } };
}

/** As many sections as the lines need, none cut in the middle of a line that fits. */
export function sections(lines: readonly string[]): SectionBlock[] {
  const blocks: SectionBlock[] = [];
  let text = '';
  for (const line of lines) {
    const next = text === '' ? line : `${text}\n${line}`;
    if (next.length <= LIMITS.sectionText) {
      text = next;
      continue;
    }
    blocks.push(section(text));
    text = line;
  }
  if (text !== '') blocks.push(section(text));
  return blocks;
}

/** Plain text as code, in as many sections as its lines need; a line that is longer than one is cut. */
export function codeSections(text: string): SectionBlock[] {
  const most = LIMITS.sectionText - '``````'.length;
  const parts: string[] = [];
  for (const line of escapeCode(text)
    .split('\n')
    .map((long) => cut(long, most))) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= most)
      parts[parts.length - 1] = `${last}\n${line}`;
    else parts.push(line);
  }
  return parts.map((part) => section(`\`\`\`${part}\`\`\``));
}

export function context(...lines: readonly string[]): ContextBlock {
  const elements = lines.slice(0, LIMITS.contextElements).map((line) => ({
    type: 'mrkdwn' as const,
    text: cut(line, LIMITS.contextText),
  }));
  return { type: 'context', elements };
}

export interface ButtonDraft {
  readonly label: string;
  readonly action: string;
  /** An opaque id, and nothing else. */
  readonly value: string;
  readonly style?: 'primary' | 'danger';
}

export function buttons(drafts: readonly ButtonDraft[]): ActionsBlock {
  const elements = drafts.slice(0, LIMITS.actionsElements).map(
    (draft): Button => ({
      type: 'button',
      text: { type: 'plain_text', text: cut(draft.label, LIMITS.buttonText), emoji: true },
      action_id: draft.action,
      value: draft.value,
      ...(draft.style === undefined ? {} : { style: draft.style }),
    }),
  );
  return { type: 'actions', elements };
}

/**
 * The message's text is the text of its blocks, so that both always say the same. Past Slack's limits the longest
 * sections are cut, which is said where it happens; buttons stay.
 */
export function message(blocks: readonly KnownBlock[]): Rendered {
  const spare = blocks.length - LIMITS.messageBlocks;
  const few =
    spare <= 0
      ? blocks
      : [
          ...blocks.slice(0, LIMITS.messageBlocks - 4),
          section(`_… ${spare + 1} parts are not shown_`),
          ...blocks.slice(-3),
        ];
  const kept = withinJson(few);
  const text = kept
    .flatMap(textOf)
    .filter((line) => line !== '')
    .join('\n');
  return { text: cut(text, TEXT_SHOWN), blocks: kept };
}

/** Characters that long sections are cut to, in turn, until all blocks together are short enough. */
const CUT_TO = [1500, 700, 300, 100] as const;
const CUT_MARK = '\n_… cut_';

function withinJson(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  const fits = (some: readonly KnownBlock[]): boolean =>
    JSON.stringify(some).length <= LIMITS.messageBlocksJson;
  let kept = blocks;
  for (const length of CUT_TO) {
    if (fits(kept)) return kept;
    kept = kept.map((block) =>
      block.type === 'section' &&
      block.text !== undefined &&
      block.text.text.length > length + CUT_MARK.length
        ? section(cutMarkup(block.text.text, length))
        : block,
    );
  }
  return kept;
}

/** Without leaving a code fence open. */
function cutMarkup(text: string, length: number): string {
  const short = cut(text.replaceAll(CUT_MARK, ''), length);
  const isOpen = (short.match(/```/gu)?.length ?? 0) % 2 === 1;
  return `${short}${isOpen ? '\n```' : ''}${CUT_MARK}`;
}

function textOf(block: KnownBlock): readonly string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text];
    case 'section':
      return [block.text?.text ?? ''];
    case 'context':
      return block.elements.map((element) => ('text' in element ? element.text : ''));
    case 'image':
      return [block.alt_text];
    default:
      return [];
  }
}

/** A moment, in each reader's own time zone; UTC where that can't be shown. */
export function moment(at: Date): string {
  const fallback = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time_secs}|${fallback}>`;
}

/** Whoever did something: a person, the alert, somebody at a terminal, or the bot. */
export function actor(id: string): string {
  if (/^[UW][A-Z0-9]{2,}$/u.test(id)) return `<@${id}>`;
  if (/^S[A-Z0-9]{2,}$/u.test(id)) return `<!subteam^${id}>`;
  if (id === 'alert') return 'the alert';
  if (id.startsWith('cli:')) return `${id.slice(4)} (at a terminal)`;
  return id;
}
