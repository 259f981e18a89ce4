/** A certificate for 127.0.0.1, made by openssl, that nobody trusts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class Certificate implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'revurb-certificate-'))
  readonly certFile = join(this.folder, 'cert.pem')
  readonly keyFile = join(this.folder, 'key.pem')

  /** @param passphrase of the key; without one it is not encrypted */
  constructor(passphrase?: string) {
    const protection = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`]
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
    const files = ['-keyout', this.keyFile, '-out', this.certFile]
    const made = Bun.spawnSync(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', ...protection, ...names, ...files])
    if (made.exitCode !== 0) throw new Error(made.stderr.toString())
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}
