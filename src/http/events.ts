/** `POST /events` and `POST /batch_events`: what the application publishes. */
import type { App } from '../core/app.ts'
import type { Publication } from '../core/hub.ts'
import { audience, type ChannelInfo } from '../core/query.ts'
import type { State } from '../core/state.ts'
import { channelNameFault } from '../protocol/channel-name.ts'
import { asBody, type Body, isBlank, Validator } from './body.ts'
import { infoOf } from './channels.ts'

type Event = Publication & { readonly info: string | undefined }

type Publish = (app: App, publication: Publication) => void

/** `{}`, or what was asked for of every channel named. @throws InvalidBody */
export function events(body: Body, app: App, state: State, publish: Publish): object {
  const validator = new Validator()
  const event = readEvent(body, '', validator)
  validator.finish()
  publish(app, event)
  if (event.info === undefined) return {}
  const info = infoOf(event.info)
  return { channels: Object.fromEntries(event.channels.map(name => [name, audience(state, app.id, name, info)])) }
}

/** `{}`, or, when any event asks for it, what was asked for of each. Nothing is sent unless all are valid. @throws InvalidBody */
export function batchEvents({ batch }: Body, app: App, state: State, publish: Publish): object {
  const validator = new Validator()
  if (isBlank(batch)) validator.required('batch')
  else if (!Array.isArray(batch)) validator.mustBe('batch', 'an array')
  validator.finish()
  const list = (batch as unknown[]).map((item, i) => readEvent(asBody(item), `batch.${i}.`, validator))
  validator.finish()
  for (const event of list) publish(app, event)
  if (list.every(event => event.info === undefined)) return {}
  return { batch: list.map(event => infoOn(event, app, state)) }
}

function infoOn({ info, channels }: Event, app: App, state: State): ChannelInfo {
  return info === undefined ? {} : audience(state, app.id, channels[0]!, infoOf(info))
}

/** @param prefix of the fields' names in what is said about them; a batch's events have one, and name one channel each */
function readEvent(body: Body, prefix: string, validator: Validator): Event {
  const name = validator.requiredText(`${prefix}name`, body.name)
  const data = validator.requiredText(`${prefix}data`, body.data)
  const channels = prefix === '' ? severalChannels(body, validator) : oneChannel(body, `${prefix}channel`, validator)
  const socketId = validator.optionalText(`${prefix}socket_id`, body.socket_id)
  const info = validator.optionalText(`${prefix}info`, body.info)
  return { name, data, channels, exceptSocketId: socketId === '' ? undefined : socketId, info }
}

/** `channels` wins over `channel`. */
function severalChannels(body: Body, validator: Validator): string[] {
  const { channels } = body
  if (isBlank(channels)) {
    if (isBlank(body.channel)) validator.requiredWithout('channels', 'channel')
    return oneChannel(body, 'channel', validator)
  }
  if (!Array.isArray(channels)) {
    validator.mustBe('channels', 'an array')
    return []
  }
  return channels.map((name: unknown, i) => checked(`channels.${i}`, validator.requiredText(`channels.${i}`, name), validator))
}

function oneChannel({ channel }: Body, field: string, validator: Validator): string[] {
  if (isBlank(channel)) validator.requiredWithout(field, 'channels')
  else if (typeof channel !== 'string') validator.mustBe(field, 'a string')
  else return [checked(field, channel, validator)]
  return []
}

function checked(field: string, name: string, validator: Validator): string {
  const fault = name === '' ? undefined : channelNameFault(name)
  if (fault !== undefined) validator.add(field, fault)
  return name
}
