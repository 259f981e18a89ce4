/**
 * What a message claims, whose signature is not verified yet. Most events on a large cluster have no subscriber on a node: to ignore one
 * takes a tenth of the time that it would take to verify it. A topic or an id with a character that JSON escapes is not found.
 */
import type { Replica } from '../core/replica.ts'

/** The beginning of a message with a part of a snapshot, with its recipient. */
const snapshotPattern = /^[^[]{64}\[\d+,"[^"\\]*",\d+,\{"type":"snapshot","to":"([^"\\]*)"/

/** The beginning of a message with an event, and of its body alone, with the topic. */
const eventPattern = /^[^[]{64}\[\d+,"[^"\\]*",\d+,\{"type":"event","topic":"([^"\\]*)"/
const bodyPattern = /^\{"type":"event","topic":"([^"\\]*)"/

/** Whether a node has a use for a message: not for an event that none of its clients receives, nor for a snapshot for another node. */
export function isNeeded(message: string, id: string, replica: Pick<Replica, 'isRelevant'>): boolean {
  const topic = eventPattern.exec(message)?.[1]
  if (topic !== undefined) return replica.isRelevant(topic)
  const recipient = snapshotPattern.exec(message)?.[1]
  return recipient === undefined || recipient === id
}

/** The topic of the body of an event, as JSON; undefined where it is no event. */
export function topicOfBody(body: string): string | undefined {
  return bodyPattern.exec(body)?.[1]
}
