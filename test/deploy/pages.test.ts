/** The blocks of docs/ that are marked as the configuration of a proxy: the real program accepts each. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Certificate } from '../support/certificate.ts'
import { type Block, readPage } from '../support/markdown.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { checkedApache, withoutApache } from './support/apache.ts'
import { checkedCaddy, withoutCaddy } from './support/caddy.ts'
import { checkedHaproxy, withoutHaproxy } from './support/haproxy.ts'
import { checkedNginx, withoutNginx } from './support/nginx.ts'

setDefaultTimeout(180_000)

const root = join(import.meta.dir, '../..')

type Program = {
  readonly missing: string | false
  /** @throws with what the program has against the block */
  accepts(folder: string, text: string): Promise<unknown>
}

const programs: Readonly<Record<string, Program>> = {
  nginx: {
    missing: withoutNginx,
    async accepts(folder, text) {
      mkdirSync(join(folder, 'snippets'), { recursive: true })
      writeFileSync(join(folder, 'snippets/revurb.conf'), stub('nginx/revurb.conf'))
      const isWhole = /^(?:server|upstream|map|log_format|limit_conn_zone)\b/m.test(text)
      // It opens the ports for its check.
      const http = isWhole ? await withFreePorts(text) : server(await freePort(), text)
      return checkedNginx(folder, `${stub('nginx/revurb-map.conf')}\n${http}`)
    },
  },
  caddyfile: {
    missing: withoutCaddy,
    accepts(folder, text) {
      const isWhole = /^(?:[\w.*-]+\.[\w.*-]+|https?:\/\/\S+|:\d+)(?:, \S+)* \{$/m.test(text)
      return checkedCaddy(folder, isWhole ? text : `http://localhost {\n${text}\n}\n`)
    },
  },
  apache: {
    missing: withoutApache,
    async accepts(folder, text) {
      const port = await freePort()
      return checkedApache(
        folder,
        [port],
        /^<VirtualHost/m.test(text) ? text : `<VirtualHost *:${port}>\n${text}\n</VirtualHost>`,
      )
    },
  },
  haproxy: { missing: withoutHaproxy, accepts: checkedHaproxy },
}

const pages = readdirSync(join(root, 'docs'))
  .filter(name => name.endsWith('.md'))
  .map(name => readPage(`docs/${name}`))

describe.each(Object.entries(programs))('Blocks for %s', (name, { missing, accepts }) => {
  const isSkipped = cannotRun(`the blocks of docs/ for ${name}`, missing)
  const blocks = pages.flatMap(({ file, blocks }) =>
    blocks.filter(({ run }) => run?.environment === name).map(block => [`${file}:${block.line}`, block] as const),
  )
  let scratch: string
  let certificate: Certificate

  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'revurb-pages-'))
    chmodSync(scratch, 0o755)
    certificate = new Certificate()
  })

  afterAll(() => {
    certificate[Symbol.dispose]()
    rmSync(scratch, { recursive: true, force: true })
  })

  test.skipIf(isSkipped).each(blocks)('%s is accepted', async (place, block) => {
    await accepts(join(scratch, place.replaceAll(/\W/g, '-')), withCertificate(block, certificate))
  })

  test.skipIf(isSkipped)('a block with a mistake is not', async () => {
    await expect(accepts(join(scratch, 'mistake'), 'nothing that_is known')).rejects.toThrow()
  })
})

function server(port: number, text: string): string {
  return `server {\nlisten 127.0.0.1:${port};\n${text}\n}`
}

/** The reader's certificates are not here. */
function withCertificate({ text }: Block, { certFile, keyFile }: Certificate): string {
  return text
    .replaceAll(/\/\S+\/(?:fullchain|cert|certificate)\.(?:pem|crt)/g, certFile)
    .replaceAll(/\/\S+\/(?:privkey|key)\.(?:pem|key)/g, keyFile)
}

/** With another port for each `listen`, whatever its address is. */
async function withFreePorts(text: string): Promise<string> {
  const [first, ...rest] = text.split(/\blisten (?:\S*:)?(?:80|443)\b/)
  const parts = await Promise.all(rest.map(async part => `listen 127.0.0.1:${await freePort()}${part}`))
  return [first, ...parts].join('')
}

/** As `reverb:install` writes it. */
function stub(name: string): string {
  const values: Readonly<Record<string, string>> = {
    address: '127.0.0.1:8080',
    idle_seconds: '150',
    max_body_bytes: '85536',
    path: '',
  }
  return readFileSync(join(root, 'stubs', name), 'utf8').replaceAll(/\{\{ (\w+) \}\}/g, (_, value) => values[value] ?? value)
}
