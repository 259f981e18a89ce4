import { connect } from './echo'
import { Log } from './log'
import { Members } from './members'
import { Typing } from './typing'

const { me, messages, reverb } = JSON.parse(document.getElementById('page').textContent)
const form = document.getElementById('say')

const log = new Log(document.getElementById('log'), me)
const members = new Members(document.getElementById('members'), me)
const typing = new Typing(document.getElementById('typing'))
const echo = connect(reverb)

for (const message of messages) log.message(message)

// A public channel: what everybody hears. The sender's own message comes back with its request, see toOthers().
echo
  .channel('messages')
  .subscribed(catchUp)
  .listen('MessageSent', message => {
    typing.stop(message.user.id)
    log.message(message)
  })

// A presence channel: who is here, and whispers from browser to browser.
const room = echo
  .join('room')
  .here(users => members.set(users))
  .joining(user => members.add(user))
  .leaving(user => {
    typing.stop(user.id)
    members.remove(user)
  })
  .listenForWhisper('typing', user => typing.start(user))

// A private channel: what only this user hears.
echo.private(`App.Models.User.${me.id}`).listen('NoticeSent', ({ text }) => log.notice(text))

echo.connector.onConnectionChange(showConnection)
showConnection(echo.connectionStatus())

form.addEventListener('submit', async event => {
  event.preventDefault()
  const input = form.elements.text
  const text = input.value.trim()
  if (text === '') return

  input.value = ''
  whispered = 0
  try {
    log.message(await request('POST', '/messages', { text }))
  } catch (error) {
    input.value ||= text
    log.notice(`Not sent: ${error.message}`)
  }
})

let whispered = 0
form.elements.text.addEventListener('input', () => {
  if (Date.now() - whispered < 1000) return
  whispered = Date.now()
  room.whisper('typing', me)
})

members.onWave = user => request('POST', `/users/${user.id}/wave`)

/** Asks for what was said before this tab was listening, or while it was not. */
async function catchUp() {
  for (const message of await request('GET', `/messages?after=${log.last}`)) log.message(message)
}

function showConnection(state) {
  const connection = document.getElementById('connection')
  connection.dataset.state = state
  connection.textContent = state
}

async function request(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-CSRF-TOKEN': document.querySelector('meta[name=csrf-token]').content,
      'X-Socket-ID': echo.socketId() ?? '',
    },
    body: body === undefined ? null : JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`the application answered ${response.status}`)

  return response.status === 204 ? null : response.json()
}
