/**
 * Control messages that were sent and whose echo has not arrived, in a bound: beyond it, no more are sent. They would otherwise be queued
 * in the client of the backplane, which has no bound. Nothing of them is kept, since a later message makes up for a lost one.
 */
import { Queue } from './queue.ts'

/** The bound of unacknowledged control messages, not counting the last one, since a part of a snapshot is sent whole. */
const maxBytes = 1024 * 1024

export class ControlWindow {
  private readonly sent = new Queue<{ readonly number: number; readonly bytes: number; readonly sentAtMs: number }>()
  private bytes = 0

  get hasRoom(): boolean {
    return this.bytes < maxBytes
  }

  /** When the oldest message without an echo was sent; undefined where there is none. */
  get oldestAtMs(): number | undefined {
    return this.sent.head?.sentAtMs
  }

  add(number: number, message: string, sentAtMs: number): void {
    const bytes = Buffer.byteLength(message)
    this.sent.push({ number, bytes, sentAtMs })
    this.bytes += bytes
  }

  /** Echoes arrive in order: control messages up to an echoed number have been echoed too, or are lost. */
  acknowledgeUpTo(number: number): void {
    while ((this.sent.head?.number ?? Number.POSITIVE_INFINITY) <= number) this.bytes -= this.sent.shift()!.bytes
  }

  /** The backplane has connected or disconnected: no echo is awaited. */
  clear(): void {
    this.sent.takeAll()
    this.bytes = 0
  }
}
