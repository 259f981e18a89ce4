/** A certificate authority that no system trusts, and its certificates, made by openssl. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Issued = { readonly certFile: string; readonly keyFile: string }

export class Authority implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'revurb-authority-'))
  readonly caFile = join(this.folder, 'ca.pem')
  private readonly keyFile = join(this.folder, 'ca.key')

  constructor() {
    const names = ['-subj', '/CN=Test authority', '-days', '30']
    openssl('req', '-x509', ...unencrypted, ...names, '-keyout', this.keyFile, '-out', this.caFile)
  }

  /**
   * Issues a certificate.
   *
   * @param names as `DNS:redis.internal` or `IP:127.0.0.1`
   * @param passphrase that of the key, which is not encrypted without one
   */
  issue(names: string, passphrase?: string): Issued {
    const file = (ending: string) => join(this.folder, `${names.replaceAll(/\W/g, '-')}.${ending}`)
    const protection = passphrase === undefined ? unencrypted : [...newKey, '-passout', `pass:${passphrase}`]
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

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
const unencrypted = [...newKey, '-nodes']

function openssl(...args: string[]): void {
  const result = Bun.spawnSync(['openssl', ...args])
  if (result.exitCode !== 0) throw new Error(result.stderr.toString())
}
