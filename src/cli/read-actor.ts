// Who asks, for the audit: the account that runs the command.

/** `cli:<account>`. */
export function readActor(env: NodeJS.ProcessEnv): string {
  return `cli:${env['USER'] ?? env['USERNAME'] ?? 'unknown'}`
}
