/** The local workspace: Slack's stand-in. */
export { openWorkspace, type Workspace, type WorkspaceOptions } from './open-workspace.ts';
export type { SandboxPanel } from './sandbox-panel.ts';
export { startWorkspaceServer, type WorkspaceServer } from './start-server.ts';
