// What both pages share: how Echo is set up, and what is heard goes to the test.
import Pusher from 'pusher-js/with-encryption'

/** What `configureEcho` is given. The test says where the server is, and who the page's user is. */
export const config = {
  broadcaster: 'reverb',
  Pusher,
  forceTLS: false,
  enabledTransports: ['ws', 'wss'],
  ...window.testbed,
}

/** A listener that tells the test what it is called with. */
export const heard = name => data => {
  window.report(name, data)
}
