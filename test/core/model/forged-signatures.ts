/** Signatures that are right, and all the ways in which they can be wrong. */
import { channelAuth, userAuth } from '../../support/sign.ts'

type Credentials = { readonly key: string; readonly secret: string }

/** Who claims something, and the other app whose word counts for nothing here. */
export type Claim = { readonly app: Credentials; readonly otherApp: Credentials; readonly socketId: string }

type Sign = (app: Credentials, socketId: string) => string

const common = {
  right: ({ app, socketId }, sign) => sign(app, socketId),
  missing: () => undefined,
  empty: () => '',
  'key alone': ({ app }) => `${app.key}:`,
  'no key': ({ app, socketId }, sign) => sign(app, socketId).slice(app.key.length + 1),
  'other key': ({ app, otherApp, socketId }, sign) => sign({ key: otherApp.key, secret: app.secret }, socketId),
  'other secret': ({ app, otherApp, socketId }, sign) => sign({ key: app.key, secret: otherApp.secret }, socketId),
  'other app': ({ otherApp, socketId }, sign) => sign(otherApp, socketId),
  'other socket': ({ app, socketId }, sign) => sign(app, `${socketId}1`),
  'upper case': ({ app, socketId }, sign) =>
    `${app.key}:${sign(app, socketId)
      .slice(app.key.length + 1)
      .toUpperCase()}`,
  'not text': ({ app, socketId }, sign) => [sign(app, socketId)],
} as const satisfies Record<string, (claim: Claim, sign: Sign) => unknown>

export type Auth = keyof typeof common | 'other channel' | 'other data'

export const wrongAuths = [
  ...(Object.keys(common) as Auth[]).filter(auth => auth !== 'right'),
  'other channel',
  'other data',
] as const satisfies readonly Auth[]

export function forgedChannelAuth(auth: Auth, claim: Claim, channel: string, data: string | undefined): unknown {
  const { app, socketId } = claim
  if (auth === 'other channel') return channelAuth(app, socketId, `${channel}x`, data)
  if (auth === 'other data') return channelAuth(app, socketId, channel, `${data ?? ''} `)
  return common[auth](claim, (by, id) => channelAuth(by, id, channel, data))
}

export function forgedUserAuth(auth: Auth, claim: Claim, data: string): unknown {
  const { app, socketId } = claim
  if (auth === 'other channel') return channelAuth(app, socketId, 'private-p', data)
  if (auth === 'other data') return userAuth(app, socketId, `${data} `)
  return common[auth](claim, (by, id) => userAuth(by, id, data))
}
