/** How many are on a channel, told to those who are, when the app asks for it: at once, then once a second at most. */
import { group, http, leave, open, publish, scenario, sendAtOnce, signin, subscribe, unsubscribe, wait } from '../../lib/scenario.ts'
import { allChannels, event, joins, ownChannel } from './channels.ts'

const counts = { profile: 'counts' as const, fresh: true }
/** So long that the next change is told at once. */
const pause = wait(1400)
/** So long that whatever waits has been told. */
const told = wait(2600)

const on = (channel: string) => ({ event: 'pusher:subscribe', data: { channel } })
const off = (channel: string) => ({ event: 'pusher:unsubscribe', data: { channel } })

const every = [...allChannels, ownChannel('1')]

export default group('subscription-count', [
  scenario('every kind of channel', [
    event('cache-room'), open('alice'), open('bob'), signin('alice', { id: '1' }), signin('bob', { id: '1' }),
    ...every.map(channel => joins('alice', channel)), pause,
    ...every.map(channel => joins('bob', channel, 2)), pause,
    ...every.map(channel => unsubscribe('bob', channel)),
  ], counts),
  scenario('every way to leave', [
    open('alice'), open('bob'), open('carol'), open('dave'), open('eve'), signin('eve', { id: '5' }),
    ...['a', 'b', 'c', 'd'].map(channel => subscribe('alice', channel)), pause,
    subscribe('bob', 'a'), subscribe('carol', 'b'), subscribe('dave', 'c'), subscribe('eve', 'd'), pause,
    unsubscribe('bob', 'a'), leave('carol'), leave('dave', 'reset'), http('POST', '/apps/<app>/users/5/terminate_connections', { body: {} }),
  ], counts),
  scenario('off unless the app asks for it', [
    open('olga', { app: 1 }), open('oleg', { app: 1 }), subscribe('olga', 'room'), subscribe('oleg', 'room'), open('alice'), subscribe('alice', 'room'), unsubscribe('oleg', 'room'), told,
  ], counts),
  scenario('what changes no count is not told', [
    open('alice'), open('eve'), subscribe('alice', 'private-room'), pause,
    subscribe('alice', 'private-room'), subscribe('eve', 'private-room', { auth: 'wrong-signature' }), unsubscribe('eve', 'private-room'), publish({ name: 'e', channel: 'private-room', data: '{}' }), told,
  ], counts),
  scenario('many changes at once', [
    open('alice'), open('bob'), subscribe('alice', 'a'), subscribe('alice', 'b'), pause,
    sendAtOnce('bob', [on('a'), on('b'), off('a'), on('a'), off('b'), off('a'), on('a')]), told, pause,
    sendAtOnce('bob', [off('a'), on('a'), off('a')]), told,
  ], counts),
  scenario('the last one leaves, and comes back', [
    open('alice'), sendAtOnce('alice', [on('room'), off('room'), on('room'), off('room')]), told, subscribe('alice', 'room'), unsubscribe('alice', 'room'), subscribe('alice', 'room'),
  ], counts),
])
