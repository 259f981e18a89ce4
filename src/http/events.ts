/** `POST /events` and `POST /batch_events`: the application publishes. */
import type { App, Limits } from '../core/app.ts'
import type { Publication } from '../core/hub.ts'
import type { ChannelInfo, Queries } from '../core/queries.ts'
import { exceedsBytes } from '../protocol/bytes.ts'
import { channelNameFault } from '../protocol/channel-name.ts'
import { asBody, type Body, isBlank, Validator } from './body.ts'
import { parseInfo } from './channels.ts'
import { HttpError } from './http-error.ts'

type Event = Publication & { readonly info: string | undefined }

type Publish = (app: App, publication: Publication, nowMs: number) => void

/**
 * Publishes one event.
 *
 * @returns `{}`, or the attributes of its channels that `info` asks for
 * @throws InvalidBody, or HttpError 400 or 413 where a limit is exceeded
 */
export function events(body: Body, app: App, queries: Queries, publish: Publish, nowMs: number): object {
  const validator = new Validator()
  const event = readEvent(body, '', app.limits, validator)
  validator.finish()
  enforceDataLimit([event], app.limits)
  publish(app, event, nowMs)
  if (event.info === undefined) return {}
  const info = parseInfo(event.info)
  return {
    channels: Object.fromEntries(event.channels.map(name => [name, queries.publishedChannelInfo(app.id, name, info, nowMs)])),
  }
}

/**
 * Publishes several events, or none where one of them is invalid.
 *
 * @returns `{}`, or an entry for each event where the `info` of any asks for attributes of its channel
 * @throws InvalidBody, or HttpError 400 or 413 where a limit is exceeded
 */
export function batchEvents({ batch }: Body, app: App, queries: Queries, publish: Publish, nowMs: number): object {
  const validator = new Validator()
  if (isBlank(batch)) validator.required('batch')
  else if (!Array.isArray(batch)) validator.mustBe('batch', 'an array')
  validator.finish()
  const items = batch as unknown[]
  const { eventsPerBatch } = app.limits
  if (items.length > eventsPerBatch)
    throw overLimit(
      400,
      `Batch too large (${items.length} > ${eventsPerBatch}, limits.events_per_batch)`,
      'events_per_batch',
      eventsPerBatch,
    )
  const list = items.map((item, i) => readEvent(asBody(item), `batch.${i}.`, app.limits, validator))
  validator.finish()
  enforceDataLimit(list, app.limits)
  for (const event of list) publish(app, event, nowMs)
  if (list.every(event => event.info === undefined)) return {}
  return { batch: list.map(event => infoOn(event, app, queries, nowMs)) }
}

function infoOn({ info, channels }: Event, app: App, queries: Queries, nowMs: number): ChannelInfo {
  return info === undefined ? {} : queries.publishedChannelInfo(app.id, channels[0]!, parseInfo(info), nowMs)
}

/** @param prefix stands in front of the names of fields in error messages. The events of a batch have one, and name one channel each. */
function readEvent(body: Body, prefix: string, limits: Limits, validator: Validator): Event {
  const name = validator.requiredText(`${prefix}name`, body.name)
  if (name.length > limits.eventNameLength)
    validator.add(`${prefix}name`, `The event name is longer than ${limits.eventNameLength} characters.`)
  const data = validator.requiredText(`${prefix}data`, body.data)
  const channels =
    prefix === '' ? severalChannels(body, limits, validator) : oneChannel(body, `${prefix}channel`, limits, validator)
  const socketId = validator.optionalText(`${prefix}socket_id`, body.socket_id)
  const info = validator.optionalText(`${prefix}info`, body.info)
  return { name, data, channels, exceptSocketId: socketId === '' ? undefined : socketId, info }
}

/** Where an event has `channels` and `channel`, the latter is ignored. */
function severalChannels(body: Body, limits: Limits, validator: Validator): string[] {
  const { channels } = body
  if (isBlank(channels)) {
    if (isBlank(body.channel)) validator.requiredWithout('channels', 'channel')
    return oneChannel(body, 'channel', limits, validator)
  }
  if (!Array.isArray(channels)) {
    validator.mustBe('channels', 'an array')
    return []
  }
  if (channels.length > limits.channelsPerEvent)
    throw overLimit(
      400,
      `Too many channels (${channels.length} > ${limits.channelsPerEvent}, limits.channels_per_event)`,
      'channels_per_event',
      limits.channelsPerEvent,
    )
  return channels.map((name: unknown, i) =>
    channelName(`channels.${i}`, validator.requiredText(`channels.${i}`, name), limits, validator),
  )
}

function oneChannel({ channel }: Body, field: string, limits: Limits, validator: Validator): string[] {
  if (isBlank(channel)) validator.requiredWithout(field, 'channels')
  else if (typeof channel !== 'string') validator.mustBe(field, 'a string')
  else return [channelName(field, channel, limits, validator)]
  return []
}

function channelName(field: string, name: string, limits: Limits, validator: Validator): string {
  const fault = name === '' ? undefined : channelNameFault(name, limits)
  if (fault !== undefined) validator.add(field, fault)
  return name
}

function enforceDataLimit(list: readonly Event[], { eventDataBytes }: Limits): void {
  if (list.some(({ data }) => exceedsBytes(data, eventDataBytes))) {
    const limit = `${eventDataBytes} bytes, limits.event_data_bytes`
    const message = `The data content of this event exceeds the allowed maximum (${limit})`
    throw overLimit(413, message, 'event_data_bytes', eventDataBytes)
  }
}

/** @param setting its key in `limits` of the app */
function overLimit(status: 400 | 413, message: string, setting: string, limit: number): HttpError {
  return new HttpError(status, 'request-limit', message, { parameters: { setting, limit } })
}
