/** A self-signed certificate for 127.0.0.1, made by openssl and valid for thirty days. */
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
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '30']
    const files = ['-keyout', this.keyFile, '-out', this.certFile]
    const made = Bun.spawnSync(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', ...protection, ...names, ...files])
    if (made.exitCode !== 0) throw new Error(made.stderr.toString())
  }

  /** Signs it anew with its own key, for so many days from now; it has expired where they are negative. */
  lastFor(days: number): void {
    const request = join(this.folder, 'request.pem')
    for (const command of [
      ['openssl', 'x509', '-x509toreq', '-in', this.certFile, '-signkey', this.keyFile, '-out', request],
      ['openssl', 'x509', '-req', '-in', request, '-signkey', this.keyFile, '-days', String(days), '-out', this.certFile],
    ]) {
      const made = Bun.spawnSync(command)
      if (made.exitCode !== 0) throw new Error(made.stderr.toString())
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}
