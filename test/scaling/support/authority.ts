/** A certificate authority that nobody has heard of, and certificates of it, made by openssl. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Issued = { readonly certFile: string; readonly keyFile: string }

export class Authority implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'revurb-authority-'))
  readonly caFile = join(this.folder, 'ca.pem')
  private readonly keyFile = join(this.folder, 'ca.key')

  constructor() {
    const names = ['-subj', '/CN=Nobody knows', '-days', '30']
    openssl('req', '-x509', ...unlocked, ...names, '-keyout', this.keyFile, '-out', this.caFile)
  }

  /**
   * @param names as `DNS:redis.internal` or `IP:127.0.0.1`
   * @param passphrase of the key; without one it is not encrypted
   */
  issue(names: string, passphrase?: string): Issued {
    const file = (ending: string) => join(this.folder, `${names.replaceAll(/\W/g, '-')}.${ending}`)
    const protection = passphrase === undefined ? unlocked : [...newKey, '-passout', `pass:${passphrase}`]
    openssl('req', ...protection, '-subj', '/CN=-', '-keyout', file('key'), '-out', file('csr'))
    writeFileSync(file('ext'), `subjectAltName=${names}`)
    const by = ['-CA', this.caFile, '-CAkey', this.keyFile, '-CAcreateserial', '-days', '30', '-extfile', file('ext')]
    openssl('x509', '-req', '-in', file('csr'), ...by, '-out', file('pem'))
    return { certFile: file('pem'), keyFile: file('key') }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

const newKey = ['-newkey', 'rsa:2048']
const unlocked = [...newKey, '-nodes']

function openssl(...args: string[]): void {
  const made = Bun.spawnSync(['openssl', ...args])
  if (made.exitCode !== 0) throw new Error(made.stderr.toString())
}
