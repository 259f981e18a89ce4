/** The address at which browsers and publishers reach the server from outside, by the document. Only the log shows it. */
import { asBoolean } from './decode.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * @param app an app of the document: its `options` are those of the application's own Pusher client
 * @param hostname the one of the server, which is used where the options name no host
 * @param prefix `/prefix`, or empty
 * @returns undefined where no host is configured
 */
export function publicUrl(app: unknown, hostname: unknown, prefix: string): string | undefined {
  const { host, port, scheme, useTLS }: Values = valuesOf(valuesOf(app).options)
  const name = [host, hostname].find((value): value is string => typeof value === 'string' && value !== '')
  if (name === undefined) return undefined
  const isSecure = scheme === 'https' || (scheme !== 'http' && asBoolean(useTLS) === true)
  const defaultPort = isSecure ? '443' : '80'
  const given = typeof port === 'number' || typeof port === 'string' ? String(port).trim() : ''
  return `${isSecure ? 'https' : 'http'}://${name}${given === '' || given === defaultPort ? '' : `:${given}`}${prefix}`
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {}
}
