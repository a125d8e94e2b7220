/** Before each file of the unit project: it starts no program, so it needs no server, no root and no clean-up. */
import { ChildProcess } from 'node:child_process';

Object.defineProperty(ChildProcess.prototype, 'spawn', {
  value: ({ file }: { readonly file: string }) => {
    throw new Error(
      `a unit test starts no program (${file}); a test file that needs one imports it from test/servers or begins with "// Starts programs", and is then of the servers project`,
    );
  },
});
