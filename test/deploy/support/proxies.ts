/** The proxies that `reverb:install --stubs=apache,caddy,haproxy,nginx` writes files for, with the files installed as their first comments describe. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Daemon } from '../../support/child-process.ts'
import type { DeployedApp } from '../../support/deployed-app.ts'
import { cannotRun } from '../../support/requirements.ts'
import { runApache, withoutApache } from './apache.ts'
import { runCaddy, withoutCaddy } from './caddy.ts'
import { runHaproxy, withoutHaproxy } from './haproxy.ts'
import { startNginx, withoutNginx } from './nginx.ts'

export const stubs = ['apache', 'caddy', 'haproxy', 'nginx']

export type Proxy = {
  readonly name: string
  readonly missing: string | false
  /** Installs the stub and starts the proxy in a folder of its own. `change` is what an operator edits in the stub. */
  start(app: DeployedApp, port: number, change: (text: string) => string): Promise<Daemon>
  /** With its stub, a request that arrives while the server's port is closed waits for the server. */
  readonly waits: boolean
  /**
   * Uncomments the lines that deny publishers.
   *
   * @param publisher the address that may publish; without it, none may
   */
  closed(text: string, publisher?: string): string
  /** Uncomments the lines that limit the connections of one address, with a limit of 3. Undefined: the proxy has no such limit. */
  readonly limited?: (text: string) => string
  /** Its stub refuses a body without a Content-Length. */
  readonly refusesChunks?: true
}

const nginx: Proxy = {
  name: 'nginx',
  missing: withoutNginx,
  waits: false,
  start(app, port, change) {
    return startNginx({
      folder: folderOf(app, 'nginx', port),
      port,
      stub: file => change(app.text(file)),
      site: 'location / { return 200 "the site"; } location ~ \\.php$ { return 200 "the site"; }',
    })
  },
  closed: (text, publisher) => uncommented(text, publisher === undefined ? /deny / : /(?:allow|deny) /, publisher),
  limited: text => text.replaceAll(/# (limit_conn)/g, '$1').replace('revurb_clients 100;', 'revurb_clients 3;'),
}

const caddy: Proxy = {
  name: 'Caddy',
  missing: withoutCaddy,
  waits: true,
  start(app, port, change) {
    const etc = folderOf(app, 'caddy', port)
    writeFileSync(join(etc, 'revurb.caddy'), change(app.text('caddy/revurb.caddy')))
    const site = `http://:${port} {\nbind 127.0.0.1\nimport ${etc}/revurb.caddy\nrespond "the site"\n}\n`
    return runCaddy(etc, port, site)
  },
  closed: (text, publisher) => uncommented(text, publisher === undefined ? /respond 403/ : /(?:respond )?@elsewhere /, publisher),
}

const apache: Proxy = {
  name: 'Apache',
  missing: withoutApache,
  waits: false,
  start(app, port, change) {
    const etc = folderOf(app, 'apache', port)
    writeFileSync(join(etc, 'revurb.conf'), change(app.text('apache/revurb.conf')))
    // A page for every path, as Laravel's front controller has one.
    const site = 'RewriteEngine On\nRewriteCond %{REQUEST_URI} !^(/ws/v1)?/apps?/\nRewriteRule .* /index.html'
    mkdirSync(join(etc, 'site'))
    writeFileSync(join(etc, 'site/index.html'), 'the site')
    return runApache(etc, [port], `<VirtualHost 127.0.0.1:${port}>\nInclude revurb.conf\n${site}\n</VirtualHost>`)
  },
  closed: (text, publisher) => uncommented(text, publisher === undefined ? /Require all / : /Require ip /, publisher),
  refusesChunks: true,
}

export const haproxy: Proxy = {
  name: 'HAProxy',
  missing: withoutHaproxy,
  waits: false,
  start(app, port, change) {
    const etc = folderOf(app, 'haproxy', port)
    const site = 'backend site\n    http-request return status 200 content-type text/plain string "the site"'
    const frontend = `frontend web\n    bind 127.0.0.1:${port}\n    stats uri /stats\n    default_backend site\n`
    const [lines, backend] = ['frontend', 'backend'].map(part => change(app.text(`haproxy/revurb-${part}.cfg`)))
    return runHaproxy(etc, port, [frontend + lines, site, backend].join('\n\n'))
  },
  closed: (text, publisher) =>
    uncommented(text, publisher === undefined ? /http-request deny if \w+$/ : /http-request deny if \w+ !/, publisher),
  limited: text =>
    text.replaceAll(/# (stick-table|http-request track-sc2|http-request deny deny_status 429)/g, '$1').replace('gt 100', 'gt 3'),
}

export const proxies = [nginx, caddy, apache, haproxy].map(proxy => ({
  proxy,
  isSkipped: cannotRun(`${proxy.name} in front of the server`, proxy.missing),
}))

/** @param publisher takes the place of the address in the stubs */
function uncommented(text: string, lines: RegExp, publisher = ''): string {
  return text.replaceAll(new RegExp(`# (${lines.source})`, 'gm'), '$1').replaceAll('192.0.2.2', publisher)
}

function folderOf(app: DeployedApp, name: string, port: number): string {
  const folder = join(app.scratch, `${name}-${port}`)
  mkdirSync(folder)
  return folder
}
