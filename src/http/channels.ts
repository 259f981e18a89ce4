/** `GET /channels`, `/channels/{c}` and `/channels/{c}/users`: what the application asks about its channels. */
import { type ChannelInfo, channelInfo, channelInfos, type Info, userIds } from '../core/query.ts'
import type { State } from '../core/state.ts'
import { channelKind } from '../protocol/channel-name.ts'
import { HttpError } from './http-error.ts'
import type { Query } from './query-string.ts'

/** The comma-separated names of what is to be said; unknown ones mean nothing. */
export function infoOf(text: string): Info {
  return new Set(text.split(','))
}

export function channels(state: State, appId: string, query: Query, nowMs: number): object {
  const prefix = query.get('filter_by_prefix') ?? ''
  const info = infoOf(query.get('info') ?? '')
  return { channels: Object.fromEntries(channelInfos(state, appId, prefix, info, nowMs)) }
}

export function channel(state: State, appId: string, name: string, query: Query, nowMs: number): ChannelInfo {
  return channelInfo(state, appId, name, infoOf(query.get('info') ?? ''), nowMs)
}

/** JSON text, in which the ids stand as they were given. @throws HttpError 400 when the channel is no presence channel */
export function channelUsers(state: State, appId: string, name: string): string {
  if (!channelKind(name).presence) throw new HttpError(400, 'request-channel', 'Only presence channels have users.')
  return `{"users":[${userIds(state, appId, name)
    .map(id => `{"id":${id}}`)
    .join(',')}]}`
}
