/** Whether a project's file is another stack's: it would make that stack's containers a second time, or take them over. */
import { realpath } from 'node:fs/promises';
import type { ListedContainer } from '../../clients/docker-container.ts';
import type { ComposeProject } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { PROJECT_LABEL } from './order.ts';
import type { ComposeConfig, ComposeFile } from './program.ts';

/** Compose writes the files that a container was made from, separated by commas. */
const FILES_LABEL = 'com.docker.compose.project.config_files';

/** `all`: every container of the engine. Null: nothing says so. */
export async function whyAnotherStack(
  { project, path }: ComposeFile,
  config: ComposeConfig,
  declared: readonly ComposeProject[],
  all: readonly ListedContainer[],
): Promise<string | null> {
  const shown = oneLine(path);
  for (const other of declared) {
    if (other.name === project || other.file === null) continue;
    const same = (await realpath(other.file).catch(() => other.file)) === path;
    if (same) return `the file ${shown} is that of the project ${other.name} too: each stack has its own`;
  }
  for (const container of all) {
    const owner = container.labels[PROJECT_LABEL] ?? null;
    if (owner === project) continue;
    if (owner !== null && (container.labels[FILES_LABEL] ?? '').split(',').includes(path))
      return `the file ${shown} is that of the project ${oneLine(owner, 60)}, which has made ${container.name} from it`;
    if (!config.containerNames.includes(container.name)) continue;
    const whose =
      owner === null
        ? 'which belongs to no Compose project'
        : `a container of the project ${oneLine(owner, 60)}`;
    return `the file ${shown} would make ${container.name}, ${whose}`;
  }
  return null;
}
