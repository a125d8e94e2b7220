/** What the page's panel shows of the sandbox, and what can be pressed there. */
export interface SandboxPanel {
  state(): Promise<{
    readonly lines: readonly string[];
    readonly buttons: readonly { readonly id: string; readonly title: string; readonly note: string }[];
  }>;
  press(id: string): Promise<void>;
}
