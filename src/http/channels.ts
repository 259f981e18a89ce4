/** `GET /channels`, `/channels/{c}` and `/channels/{c}/users`: the application asks about its channels. */
import type { ChannelInfo, Info, Queries } from '../core/queries.ts'
import { channelKind } from '../protocol/channel-name.ts'
import { HttpError } from './http-error.ts'
import type { Query } from './query-string.ts'

/** Parses comma-separated names of attributes; unknown names are ignored. */
export function parseInfo(text: string): Info {
  return new Set(text.split(','))
}

export function channels(queries: Queries, appId: string, query: Query, nowMs: number): object {
  const prefix = query.get('filter_by_prefix') ?? ''
  const info = parseInfo(query.get('info') ?? '')
  return { channels: Object.fromEntries(queries.channelInfos(appId, prefix, info, nowMs)) }
}

export function channel(queries: Queries, appId: string, name: string, query: Query, nowMs: number): ChannelInfo {
  return queries.channelInfo(appId, name, parseInfo(query.get('info') ?? ''), nowMs)
}

/** The users of a presence channel as JSON text, with their ids as they were signed. @throws HttpError 400 for other channels */
export function channelUsers(queries: Queries, appId: string, name: string): string {
  if (!channelKind(name).presence) throw new HttpError(400, 'request-channel', 'Only presence channels have users.')
  return `{"users":[${queries
    .userIds(appId, name)
    .map(id => `{"id":${id}}`)
    .join(',')}]}`
}
