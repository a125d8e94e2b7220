/** The ids that people read and type: `INC-12`, `STEP-40`, `RUN-7`. */
export const incidentId = (n: number): string => `INC-${n}`;
export const runId = (n: number): string => `RUN-${n}`;
export const stepId = (n: number): string => `STEP-${n}`;

/** The number in `STEP-40` (any case), or null. */
export function parseId(prefix: 'INC' | 'STEP' | 'RUN', text: string): number | null {
  const match = new RegExp(`^${prefix}-(\\d{1,15})$`, 'i').exec(text.trim());
  return match === null ? null : Number(match[1]);
}
export const maintenanceId = (n: number): string => `MAINT-${n}`;
