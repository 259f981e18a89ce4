/** Every public method of pusher-http-php, with which Laravel publishes, as reflection lists them. */
import { expect, test } from 'bun:test'
import { Testbed } from '../../support/clients/testbed.ts'
import { type Case, pusherPhpMethods } from './support/php.ts'
import {
  asksAnything,
  joinsPairs,
  listsChannels,
  listsUsers,
  logs,
  signsQueries,
  tellsOfChannel,
  tellsSettings,
} from './support/php-asks.ts'
import { posts, sendsToUser, terminates, triggers, triggersBatch } from './support/php-publishes.ts'
import { authenticatesUser, authorizes, authorizesMember, readsWebhook, verifies } from './support/php-signs.ts'

const cases: Record<string, Case> = {
  __construct: tellsSettings,
  getSettings: tellsSettings,
  setLogger: logs,

  trigger: triggers('trigger'),
  triggerAsync: triggers('triggerAsync'),
  make_request: triggers('make_request'),
  triggerBatch: triggersBatch('triggerBatch'),
  triggerBatchAsync: triggersBatch('triggerBatchAsync'),
  make_batch_request: triggersBatch('make_batch_request'),
  sendToUser: sendsToUser('sendToUser'),
  sendToUserAsync: sendsToUser('sendToUserAsync'),
  terminateUserConnections: terminates('terminateUserConnections'),
  terminateUserConnectionsAsync: terminates('terminateUserConnectionsAsync'),
  post: posts('post'),
  postAsync: posts('postAsync'),

  getChannelInfo: tellsOfChannel('getChannelInfo'),
  get_channel_info: tellsOfChannel('get_channel_info'),
  getChannels: listsChannels('getChannels'),
  get_channels: listsChannels('get_channels'),
  getPresenceUsers: listsUsers('getPresenceUsers'),
  get_users_info: listsUsers('get_users_info'),
  get: asksAnything,

  authorizeChannel: authorizes('authorizeChannel'),
  socketAuth: authorizes('socketAuth'),
  socket_auth: authorizes('socket_auth'),
  authorizePresenceChannel: authorizesMember('authorizePresenceChannel'),
  presenceAuth: authorizesMember('presenceAuth'),
  presence_auth: authorizesMember('presence_auth'),
  authenticateUser: authenticatesUser,
  build_auth_query_params: signsQueries,
  array_implode: joinsPairs,

  webhook: readsWebhook,
  verifySignature: verifies('verifySignature'),
  ensure_valid_signature: verifies('ensure_valid_signature'),
}

const methods = pusherPhpMethods()

test.each(methods)('pusher-http-php: the method %s works', async method => {
  const covers = cases[method]
  if (covers === undefined) throw new Error(`No test uses \\Pusher\\Pusher::${method}().`)
  await using testbed = new Testbed()
  await covers(testbed)
})

test('pusher-http-php: no test is for a method that does not exist', () => {
  expect(Object.keys(cases).filter(method => !methods.includes(method))).toEqual([])
})
