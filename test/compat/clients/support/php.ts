/** Pusher's SDK for PHP, one call in one process. */
import { join } from 'node:path'
import { masterKey, type Testbed } from '../../../support/clients/testbed.ts'

const script = join(import.meta.dir, '../pusher-http-php.php')

/** `http`: options of the HTTP client beneath the SDK; all but the secret go to the SDK itself. */
type Changes = { secret?: string; http?: object; scheme?: string; port?: number; path?: string }

// biome-ignore lint/suspicious/noExplicitAny: the test knows the type
type Result = any

export type Case = (testbed: Testbed) => Promise<void>

/** An exception of the SDK. */
export class PhpException extends Error {
  constructor(
    override readonly name: string,
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** Every public method of `\Pusher\Pusher`. */
export function pusherPhpMethods(): string[] {
  return JSON.parse(Bun.spawnSync(['php', script]).stdout.toString())
}

/** @throws PhpException */
export async function pusherPhp(testbed: Testbed, method: string, args: unknown[], changes: Changes = {}): Promise<Result> {
  return (await loggedPhp(testbed, method, args, changes)).result
}

/** What a method returns, and what it logs. @throws PhpException */
export async function loggedPhp(
  { server: { app, port } }: Testbed,
  method: string,
  args: unknown[],
  { http = {}, secret = app.secret, ...target }: Changes = {},
): Promise<{ result: Result; log: string[] }> {
  const options = { host: '127.0.0.1', port, scheme: 'http', encryption_master_key_base64: masterKey, ...target }
  const call = JSON.stringify({ key: app.key, secret, id: app.id, options, http, method, arguments: args })
  const child = Bun.spawn(['php', script, call], { stdout: 'pipe', stderr: 'inherit' })
  const answer = JSON.parse(await new Response(child.stdout).text())
  if (answer.exception !== undefined) throw new PhpException(answer.exception, answer.code, answer.message)
  return answer
}
