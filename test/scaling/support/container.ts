/** A Redis in a container, which Testcontainers starts. */
import {
  GenericContainer,
  getContainerRuntimeClient,
  ImageName,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers'
import type { Address } from '../../support/redis-ping.ts'
import { answers } from '../../support/redis-ping.ts'
import type { Redis } from '../../support/redis-process.ts'

// Its clean-up container would have to be pulled too. Containers that are started here are removed here.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'

const engine = getContainerRuntimeClient

/** Why no container of that image can be started here; undefined where one can. */
export async function reasonAgainstContainers(image: string): Promise<string | undefined> {
  try {
    const { image: images } = await engine()
    const name = ImageName.fromString(image)
    if (!(await images.exists(name))) await images.pull(name)
    return undefined
  } catch (error) {
    return `no Docker engine with ${image}: ${(error as Error).message}`
  }
}

export class RedisContainer implements Redis {
  private network: StartedNetwork | undefined
  private container: StartedTestContainer | undefined

  constructor(
    private readonly image: string,
    private readonly port: number,
  ) {}

  async start(): Promise<void> {
    if (this.container !== undefined) await (await this.handle()).start()
    else {
      // The engine's default network may be missing, and other containers on it would share the port.
      this.network = await new Network().start()
      this.container = await new GenericContainer(this.image)
        .withCommand(['redis-server', '--save', '', '--appendonly', 'no', '--protected-mode', 'no'])
        .withNetwork(this.network)
        .withExposedPorts({ container: 6379, host: this.port })
        .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
        .start()
    }
    await answers(this.address)
  }

  /** The address of the engine, with the published port. */
  get address(): Address {
    const host = this.container!.getHost()
    return { host: host === 'localhost' ? '127.0.0.1' : host, port: this.port }
  }

  async stop(): Promise<void> {
    await (await this.handle()).stop()
  }

  async kill(): Promise<void> {
    await this.signal('SIGKILL')
  }

  pause(): Promise<void> {
    return this.signal('SIGSTOP')
  }

  resume(): Promise<void> {
    return this.signal('SIGCONT')
  }

  private async signal(signal: string): Promise<void> {
    await (await this.handle()).kill({ signal })
  }

  /** Testcontainers itself can neither start a stopped container nor send a signal. */
  private async handle() {
    return (await engine()).container.getById(this.container!.getId())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.handle()).remove({ force: true })
    await this.network?.stop()
  }
}
