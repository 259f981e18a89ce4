/** Who is online among the users that a signed-in user watches. */
import { group, http, leave, open, scenario, send, signin, subscribe, wait } from '../../lib/scenario.ts'
import { joins } from './channels.ts'

const enters = (socket: string, id: string, watchlist?: unknown[]) => [open(socket), watches(socket, id, watchlist)]
const watches = (socket: string, id: string, watchlist?: unknown[]) => signin(socket, JSON.stringify({ id, ...(watchlist === undefined ? {} : { watchlist }) }))
const terminate = (id: string) => http('POST', `/apps/<app>/users/${id}/terminate_connections`, { body: {} })
const crowd = (count: number) => Array.from({ length: count }, (_, i) => `u${i}`)

/** Each on a server of its own: a user who was announced as offline within the last second is announced again only after it. */
const scenarios = [
  scenario('comes and goes, once per user', [
    ...enters('alice', '1', ['2']),
    ...enters('bob1', '2'), ...enters('bob2', '2'), watches('bob1', '2'),
    leave('bob1'), leave('bob2'),
    ...enters('bob3', '2'), leave('bob3', 'reset'), wait(1200),
  ]),
  scenario('the first word: some online, some not', [...enters('bob', '2'), ...enters('dave', '4'), ...enters('alice', '1', ['5', '4', '3', '2'])]),
  scenario('the first word: all online', [...enters('bob', '2'), ...enters('alice', '1', ['2'])]),
  scenario('the first word: nobody to watch', [...enters('alice', '1', []), ...enters('bob', '2'), ...enters('carol', '3')]),
  scenario('oneself', [...enters('alice1', '1', ['1']), ...enters('alice2', '1', ['1', '2']), ...enters('bob', '2', ['1']), leave('alice1'), leave('alice2')]),
  scenario('each other', [...enters('alice', '1', ['2']), ...enters('bob', '2', ['1']), leave('alice'), ...enters('alice2', '1', ['2'])]),
  scenario('one watcher on two sockets, with a list each', [...enters('alice1', '1', ['2']), ...enters('alice2', '1', ['2', '3']), ...enters('bob', '2'), ...enters('carol', '3'), leave('alice1'), leave('bob'), leave('carol')]),
  scenario('somebody twice', [...enters('alice', '1', ['2', '3', '2', '2']), ...enters('bob', '2')]),
  scenario('ids as numbers', [...enters('alice', '1', [2, '2', 3, 1.5]), ...enters('bob', '2'), ...enters('carol', '3')]),
  scenario('ids of every kind', [...enters('alice', '1', ['a/b', 'zürich 東京 🚀', '"q"\\', ' ']), ...enters('bob', 'zürich 東京 🚀'), ...enters('carol', '"q"\\')]),
  scenario('100 users', [...enters('bob', 'u99'), ...enters('alice', '1', crowd(100)), ...enters('carol', 'u0')]),
  scenario('101 users', [...enters('bob', 'u99'), ...enters('alice', '1', crowd(101)), ...enters('carol', 'u0'), subscribe('alice', '#server-to-user-1')]),
  scenario('100 users, one of them twice', [...enters('alice', '1', [...crowd(100), 'u0']), ...enters('carol', 'u0')]),
  scenario('limits.watchlist_users 2', [...enters('alice', '1', ['2', '3']), ...enters('bob', '2', ['1', '3', '4'])], { profile: 'low-limits' }),
  scenario('limits.watchlist_users 0', [...enters('alice', '1', crowd(300)), ...enters('bob', 'u299')], { profile: 'no-limits' }),
  scenario('signing in again replaces the list', [
    ...enters('bob', '2'), ...enters('alice', '1', ['2']),
    watches('alice', '1', ['3']), leave('bob'), ...enters('carol', '3'),
    watches('alice', '1'), leave('carol'), ...enters('carol2', '3'),
    watches('alice', '1', crowd(101)), ...enters('bob2', 'u0'),
  ]),
  scenario('a refused sign-in leaves the list as it is', [
    ...enters('alice', '1', ['2']), signin('alice', { id: '1', watchlist: ['3'] }, { auth: 'wrong-signature' }), watches('alice', '5', ['3']), watches('alice', '1', [null]),
    ...enters('carol', '3'), ...enters('bob', '2'),
  ]),
  scenario('a refused sign-in is nobody\'s coming', [
    ...enters('alice', '1', ['2', '3']), open('eve'), signin('eve', { id: '2' }, { auth: 'wrong-signature' }), signin('eve', '{"id":["2"]}'), ...enters('bob', '3'), watches('bob', '2'),
    leave('eve'), leave('bob'),
  ]),
  scenario('being on a presence channel is not being online', [...enters('alice', '1', ['2']), open('bob'), joins('bob', 'presence-room', '2'), signin('bob', { id: '2' }), leave('bob')]),
  scenario('who is terminated is offline', [...enters('alice', '1', ['2']), ...enters('bob1', '2', ['1', '2']), ...enters('bob2', '2'), terminate('2'), terminate('2')]),
  scenario('a watcher that has gone', [...enters('alice1', '1', ['2']), ...enters('alice2', '1', ['2']), leave('alice1', 'reset'), terminate('1'), ...enters('bob', '2')]),
  scenario('clients cannot say it themselves', [
    ...enters('alice', '1', ['2']), ...enters('eve', '3'), send('eve', { event: 'pusher_internal:watchlist_events', data: '{"events":[{"name":"online","user_ids":["2"]}]}' }),
  ]),
  scenario('each app for itself', [
    ...enters('alice', '1', ['2']), open('olga', { app: 1 }), watches('olga', '2', ['1']), open('oleg', { app: 1 }), watches('oleg', '1'),
    ...enters('bob', '2'), leave('olga'),
  ], { profile: 'two-apps' }),
]

export default group('watchlist', scenarios.map(scenario => ({ ...scenario, fresh: true })))
