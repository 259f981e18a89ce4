// Components that use Echo's hooks for React. The test says which of them are on the page.
import {
  configureEcho,
  echo,
  useChannel,
  useConnectionStatus,
  useEcho,
  useEchoModel,
  useEchoNotification,
  useEchoPresence,
  useEchoPublic,
  usePresenceChannel,
  usePublicChannel,
  useSocketId,
} from '@laravel/echo-react'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { config, heard } from './site.js'

configureEcho(config)
window.echo = echo
window.controls = {}

const uses = {
  useEcho: name => useEcho('orders', 'OrderShipped', heard(name)),
  useEchoMany: name => useEcho('orders', ['OrderShipped', '.order.paid'], heard(name)),
  useEchoPublic: name => useEchoPublic('news', 'NewsBroke', heard(name)),
  useEchoPresence: name => useEchoPresence('room', 'RoomPainted', heard(name)),
  useEchoModel: name => useEchoModel('App.Models.Order', 7, ['OrderUpdated'], heard(name)),
  useEchoNotification: name => useEchoNotification('App.Models.User.1', heard(name), 'App.Notifications.InvoicePaid'),
  useChannel: () => useChannel('orders'),
  usePublicChannel: () => usePublicChannel('news'),
  usePresenceChannel: () => usePresenceChannel('room'),
  useConnectionStatus: name => useSaid(name, useConnectionStatus()),
  useSocketId: name => useSaid(name, useSocketId()),
}

function useSaid(name, value) {
  useEffect(() => heard(name)(value), [name, value])
}

function Component({ name, hook }) {
  window.controls[name] = uses[hook](name)
  return name
}

function Page() {
  const [shown, show] = useState({})
  window.show = show
  return Object.entries(shown).map(([name, hook]) => <Component key={name} name={name} hook={hook} />)
}

createRoot(document.body).render(
  <StrictMode>
    <Page />
  </StrictMode>,
)
