/** Ending a user's connections, whatever made it that user's. */
import { group, http, open, ping, scenario, signin, subscribe } from '../../lib/scenario.ts'
import { joins, ownChannel } from './channels.ts'

const terminate = (id: string, app = 0) => http('POST', `/apps/<app>/users/${encodeURIComponent(id)}/terminate_connections`, { body: {}, app })
const enters = (socket: string, id: string) => [open(socket), signin(socket, { id })]
const channels = http('GET', '/apps/<app>/channels')
const connections = http('GET', '/apps/<app>/connections')

export default group('terminate', [
  scenario('signed in on several sockets', [...enters('alice', '1'), ...enters('bob1', '2'), ...enters('bob2', '2'), ...enters('bob3', '2'), connections, terminate('2'), connections, ping('alice')]),
  scenario('signed in and on presence channels', [
    ...enters('alice', '1'), joins('alice', 'presence-room', '1'),
    ...enters('bob', '2'), joins('bob', 'presence-room', '2'), joins('bob', 'presence-cache-room', '2'), subscribe('bob', 'room'), subscribe('bob', ownChannel('2')),
    terminate('2'), channels, connections,
  ]),
  scenario('signed in on one socket, on a presence channel with another', [...enters('bob1', '2'), open('bob2'), joins('bob2', 'presence-room', 2), open('alice'), subscribe('alice', 'room'), terminate('2'), ping('alice')]),
  scenario('signed in as one user, present as another', [...enters('bob', '2'), joins('bob', 'presence-room', '5'), ...enters('eve', '5'), terminate('5'), connections]),
  scenario('a refused sign-in is nobody', [open('eve'), signin('eve', { id: '2' }, { auth: 'wrong-signature' }), terminate('2'), ping('eve')]),
  scenario('nobody there', [terminate('2'), ...enters('alice', '1'), terminate('2'), terminate(''), ping('alice')]),
  scenario('coming back', [...enters('bob', '2'), terminate('2'), ...enters('bob2', '2'), subscribe('bob2', ownChannel('2')), terminate('2'), terminate('2')]),
  scenario('signed before the path was encoded, as SDKs do', ['zoë smith', 'a/b', '50%', 'a%2Fb'].flatMap((id, i) => [
    ...enters(`user${i}`, id), http('POST', `/apps/<app>/users/${encodeURIComponent(id)}/terminate_connections`, { body: {}, auth: 'decoded-path' }),
  ])),
  scenario('a wrong signature', [...enters('bob', '2'), http('POST', '/apps/<app>/users/2/terminate_connections', { body: {}, auth: 'wrong-signature' }), http('POST', '/apps/<app>/users/2/terminate_connections', { body: {}, auth: 'none' }), ping('bob')]),
  scenario('the same id in another app', [
    ...enters('bob', '2'), open('olga', { app: 1 }), signin('olga', { id: '2' }), open('oleg', { app: 1 }), joins('oleg', 'presence-room', '2'),
    terminate('2'), ping('olga'), ping('oleg'), terminate('2', 1), connections,
  ], { profile: 'two-apps' }),
])
