/** Reads the workspace as a person would. */
import type { Workspace } from '../../src/local/workspace/index.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { waitFor } from '../servers/program.ts';

const DEADLINE_MS = 15_000;

export const roots = (workspace: Workspace): readonly Message[] =>
  workspace.store.messages().filter((message) => message.threadTs === null && message.visibleTo === null);

export const thread = (workspace: Workspace, rootTs: string): readonly Message[] =>
  workspace.store.messages().filter((message) => message.threadTs === rootTs && message.visibleTo === null);

export const ephemerals = (workspace: Workspace, user: string): readonly Message[] =>
  workspace.store.messages().filter((message) => message.visibleTo === user);

export function rootWith(workspace: Workspace, ...parts: readonly string[]): Promise<Message> {
  return waitFor(
    `a root message with ${parts.join(', ')}; there are: ${roots(workspace)
      .map((m) => m.text)
      .join(' | ')}`,
    DEADLINE_MS,
    () => roots(workspace).find((message) => parts.every((part) => message.text.includes(part))),
  );
}

export function replyWith(
  workspace: Workspace,
  rootTs: string,
  ...parts: readonly string[]
): Promise<Message> {
  return waitFor(`a reply with ${parts.join(', ')}`, DEADLINE_MS, () =>
    thread(workspace, rootTs).find((message) => parts.every((part) => message.text.includes(part))),
  ).catch((error: unknown) => {
    throw new Error(
      `there is no reply with ${parts.join(', ')}; there are:\n${thread(workspace, rootTs)
        .map((m) => m.text)
        .join('\n---\n')}`,
      { cause: error },
    );
  });
}

export function toldAlone(workspace: Workspace, user: string, part: string, after = '0'): Promise<Message> {
  return waitFor(`${user} to be told "${part}"`, DEADLINE_MS, () =>
    ephemerals(workspace, user).find((message) => message.ts > after && message.text.includes(part)),
  ).catch((error: unknown) => {
    throw new Error(
      `${user} was not told "${part}", but: ${ephemerals(workspace, user)
        .map((m) => m.text)
        .join(' | ')}`,
      { cause: error },
    );
  });
}

export const lastTs = (workspace: Workspace): string => workspace.store.messages().at(-1)?.ts ?? '0';

export function buttonLabels(message: Message): readonly string[] {
  const elements = (message.blocks ?? []).flatMap((block) =>
    Array.isArray(block.elements)
      ? (block.elements as readonly { type?: string; text?: { text?: string } }[])
      : [],
  );
  return elements.filter((element) => element.type === 'button').map((element) => element.text?.text ?? '');
}
