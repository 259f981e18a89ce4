/** `GET /channels`, `/channels/{c}` and `/channels/{c}/users`: the application asks about its channels. */
import { type ChannelInfo, channelInfo, channelInfos, type Info, userIds } from '../core/query.ts'
import type { State } from '../core/state.ts'
import { channelKind } from '../protocol/channel-name.ts'
import { HttpError } from './http-error.ts'
import type { Query } from './query-string.ts'

/** Parses comma-separated names of attributes; unknown names are ignored. */
export function parseInfo(text: string): Info {
  return new Set(text.split(','))
}

export function channels(state: State, appId: string, query: Query, nowMs: number): object {
  const prefix = query.get('filter_by_prefix') ?? ''
  const info = parseInfo(query.get('info') ?? '')
  return { channels: Object.fromEntries(channelInfos(state, appId, prefix, info, nowMs)) }
}

export function channel(state: State, appId: string, name: string, query: Query, nowMs: number): ChannelInfo {
  return channelInfo(state, appId, name, parseInfo(query.get('info') ?? ''), nowMs)
}

/** The users of a presence channel as JSON text, with their ids as they were signed. @throws HttpError 400 for other channels */
export function channelUsers(state: State, appId: string, name: string): string {
  if (!channelKind(name).presence) throw new HttpError(400, 'request-channel', 'Only presence channels have users.')
  return `{"users":[${userIds(state, appId, name)
    .map(id => `{"id":${id}}`)
    .join(',')}]}`
}
