/** Waits for a Redis to answer. */
import { connect } from 'node:net'
import { until } from './until.ts'

export type Address = { readonly host: string; readonly port: number }

/** Resolves once Redis answers there. */
export async function answers({ host, port }: Address): Promise<void> {
  await until(`Redis answers on port ${port}`, () => pong(host, port))
}

function pong(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 1000 })
    const end = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.on('connect', () => void socket.write('PING\r\n'))
    socket.on('data', data => end(data.toString().startsWith('+PONG')))
    for (const event of ['error', 'timeout', 'close']) socket.on(event, () => end(false))
  })
}
