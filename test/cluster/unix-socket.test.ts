import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackplaneListener } from '../../src/cluster/backplane.ts'
import { connectToUnixSocket, listenOnUnixSocket } from '../../src/cluster/unix-socket.ts'
import { until } from '../support/until.ts'

/** What one end of the Unix socket has received. */
class Received implements BackplaneListener {
  readonly texts: string[] = []
  ends = 0
  ups = 0

  onMessage(text: string): void {
    this.texts.push(text)
  }

  onConnected(): void {
    this.ups++
  }

  onDisconnected(): void {}

  onClosed(): void {
    this.ends++
  }
}

test('a closed end of the Unix socket neither sends nor delivers anything, whatever is in flight', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'revurb-peer-')), 'peer.sock')
  const [first, second] = [new Received(), new Received()]
  const one = await listenOnUnixSocket({ path, listener: first, defer: setImmediate })
  const two = await connectToUnixSocket({ path, listener: second, defer: setImmediate }, () => {})
  await until('both ends are up', () => first.ups + second.ups === 2)
  two.send('before')
  await until(
    'what was sent before the close is received',
    () => first.texts.includes('before') && second.texts.includes('before'),
  )

  one.send('on its way')
  const closed = two.close()
  two.send('after')
  await closed
  await until('both ends have ended', () => first.ends + second.ends === 2)
  expect(first.texts).toEqual(['before', 'on its way'])
  expect(second.texts).toEqual(['before'])
})
