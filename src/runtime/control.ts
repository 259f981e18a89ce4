/** The commands that the parent writes to stdin, one a line, after the configuration document. */

export type Command =
  | { readonly command: 'send'; readonly app: string; readonly socket: string; readonly message: string }
  | { readonly command: 'disconnect'; readonly app: string; readonly socket: string }
  /** Serve these apps from now on: a list as in the document. */
  | { readonly command: 'apps'; readonly apps: unknown }
  /** The application cannot load its apps at the moment. */
  | { readonly command: 'apps-unreachable' }
  /** The listeners have received every event of the last line. */
  | { readonly command: 'events-announced' }
  /** The parent is about to execute another program: that ends stdin, but not the parent's process. */
  | { readonly command: 'hand-over'; readonly socketPath: string }

/** Returns undefined where the line is no command. */
export function parseCommand(line: string): Command | undefined {
  let value: Record<string, unknown> | null
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const { command, app, apps, socket, message, peer } = value ?? {}
  if (command === 'apps-unreachable' || command === 'events-announced') return { command }
  if (command === 'hand-over' && typeof peer === 'string') return { command, socketPath: peer }
  if (command === 'apps') return { command, apps }
  if (typeof app !== 'string' || typeof socket !== 'string') return undefined
  if (command === 'disconnect') return { command, app, socket }
  if (command === 'send' && typeof message === 'string') return { command, app, socket, message }
  return undefined
}
