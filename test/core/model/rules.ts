/** The rules that the model goes by, written as briefly as possible. */
import type { App } from '../../../src/core/app.ts'

export type Member = { readonly user_id: string | number; readonly user_info?: unknown }

export const topicOf = (app: App, channel: string) => `${app.id}/${channel}`
export const isPrivate = (channel: string) => /^(private-|presence-|#server-to-user-)/.test(channel)
export const isPresence = (channel: string) => channel.startsWith('presence-')
export const isCache = (channel: string) => /^(private-|private-encrypted-|presence-)?cache-/.test(channel)
export const ownerOf = (channel: string) => /^#server-to-user-(.*)$/s.exec(channel)?.[1]
export const keyOf = (member: Member) => String(member.user_id)

/** After so much silence a socket is pinged. */
export const pingDueMs = (app: App) => Math.min(app.pingIntervalSeconds * 750, 50_000)
