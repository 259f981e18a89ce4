import Echo from 'laravel-echo'
import Pusher from 'pusher-js'

window.Pusher = Pusher

/** Echo as `php artisan install:broadcasting` sets it up, but for where key, host and port come from. */
export function connect({ key, host, port, scheme }) {
  window.Echo = new Echo({
    broadcaster: 'reverb',
    key,
    wsHost: host,
    wsPort: port,
    wssPort: port,
    forceTLS: scheme === 'https',
    enabledTransports: ['ws', 'wss'],
  })

  return window.Echo
}
