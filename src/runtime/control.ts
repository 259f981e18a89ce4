/** stdin: the configuration document in the first line, then commands, and its end as the sign that the parent is gone. */

export type Command =
  | { readonly command: 'send'; readonly app: string; readonly socket: string; readonly message: string }
  | { readonly command: 'disconnect'; readonly app: string; readonly socket: string }
  /** Other apps from now on: a list as in the document. */
  | { readonly command: 'apps'; readonly apps: unknown }
  /** Nobody can say at the moment which apps there are. */
  | { readonly command: 'apps-unreachable' }
  /** The listeners have been given every event of the last line. */
  | { readonly command: 'events-announced' }
  /** The parent is about to become another program; stdin ends with that, and the parent does not. */
  | { readonly command: 'hand-over'; readonly peer: string }

/** Undefined when the line is no command. */
export function parseCommand(line: string): Command | undefined {
  let value: Record<string, unknown> | null
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const { command, app, apps, socket, message, peer } = value ?? {}
  if (command === 'apps-unreachable' || command === 'events-announced') return { command }
  if (command === 'hand-over' && typeof peer === 'string') return { command, peer }
  if (command === 'apps') return { command, apps }
  if (typeof app !== 'string' || typeof socket !== 'string') return undefined
  if (command === 'disconnect') return { command, app, socket }
  if (command === 'send' && typeof message === 'string') return { command, app, socket, message }
  return undefined
}
