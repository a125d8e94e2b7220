/** The report of `INC-n` or `RUN-n`, from the journal. */
import { parseId } from '../../domain/ids.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { readIncidentStory, readRunStory } from './read-incident-story.ts';
import { reportIncident, reportRun } from './write-report.ts';

/** Null: there is no such incident or run. */
export async function readReport(tx: Tx, id: string): Promise<string | null> {
  const incident = parseId('INC', id);
  if (incident !== null) {
    const story = await readIncidentStory(tx, incident, 'all');
    return story === null ? null : reportIncident(story);
  }
  const run = parseId('RUN', id);
  const story = run === null ? null : await readRunStory(tx, run);
  return story === null ? null : reportRun(story);
}
