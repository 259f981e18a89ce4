// Components that use Echo's hooks for Vue. The test says which of them are on the page.
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
} from '@laravel/echo-vue'
import { createApp, h, shallowRef, watch } from 'vue'
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
  useConnectionStatus: name => watch(useConnectionStatus(), heard(name), { immediate: true }),
  useSocketId: name => watch(useSocketId(), heard(name), { immediate: true }),
}

const Component = {
  props: ['name', 'hook'],
  setup({ name, hook }) {
    window.controls[name] = uses[hook](name)
    return () => name
  },
}

const Page = {
  setup() {
    const shown = shallowRef({})
    window.show = list => {
      shown.value = list
    }
    return () => Object.entries(shown.value).map(([name, hook]) => h(Component, { key: name, name, hook }))
  },
}

createApp(Page).mount(document.body)
