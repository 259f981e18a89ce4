/** Lets a server's sockets go in waves, so that its clients do not all come back in the same moment. */
import type { RunningServer } from '../server/server.ts'

/** For publishers to hear that they should come by another connection, while there is still somebody to answer them. */
const leaveMs = 500
/** Between two waves. */
const waveMs = 100
/** A small server need not take its time. */
const minPerWave = 100
/** For close frames to reach clients that answer slowly. */
const graceMs = 1000

type Drainable = Pick<RunningServer, 'askToLeave' | 'stopAccepting' | 'openSockets' | 'closeSome' | 'stop'>

/** Ends when every socket is gone, or `seconds` and a moment of grace are over. */
export async function drain(server: Drainable, seconds: number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
  server.askToLeave()
  if (seconds > 0) await sleep(leaveMs)
  server.stopAccepting()
  const waves = Math.max(1, Math.floor((seconds * 1000) / waveMs))
  const perWave = Math.max(minPerWave, Math.ceil(server.openSockets() / waves))
  const deadline = waves + graceMs / waveMs
  for (let wave = 0; server.openSockets() > 0 && wave < deadline; wave++) {
    server.closeSome(perWave)
    await sleep(waveMs)
  }
  await server.stop()
}
