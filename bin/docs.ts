#!/usr/bin/env bun
/** `make docs`: builds docs/ as a static site in build/docs, and serves it where that is asked for. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from 'revurb-bench/command-line.ts'
import { serveFolder } from '../docs/.vitepress/serve.ts'

const root = join(import.meta.dir, '..')
const site = join(root, 'build/docs')

const usage = `make docs [DOCS="…"], or bun bin/docs.ts …

  --serve        serve the site on 127.0.0.1 after the build, until Ctrl-C
  --port N       on this port, instead of 4173
  --base /PATH/  the path below which a web server will have the site, instead of /; not with --serve
  --help

Writes build/docs, which any web server can serve: it needs no other host.`

type Options = { readonly help: boolean; readonly serve: boolean; readonly port: number; readonly base: string }

await run<Options>({ parse, usage, main })

function parse(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        serve: { type: 'boolean', default: false },
        port: { type: 'string', default: '4173' },
        base: { type: 'string', default: '/' },
        help: { type: 'boolean', default: false },
      },
    })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('--port must be a port.')
    if (!/^\/(.*\/)?$/.test(values.base)) throw new Error('--base must begin and end with a slash.')
    if (values.serve && values.base !== '/') throw new Error('--serve has the site at /: leave out --base.')
    return { ...values, port }
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

async function main({ serve, port, base }: Options): Promise<number> {
  // Before the build, which takes a while, so that a port in use is noticed at once.
  const server = serve ? served(port) : undefined
  if (serve && server === undefined) {
    console.error(`Port ${port} on 127.0.0.1 is in use. Choose another one: make docs DOCS="--serve --port N"`)
    return 1
  }
  rmSync(site, { recursive: true, force: true })
  const { buildSite } = await import('../docs/.vitepress/build.ts')
  await buildSite(site, base)
  console.log(`\nThe site is in build/docs. A browser needs a web server in front of it, such as: make docs DOCS=--serve`)
  if (server === undefined) return 0
  console.log(`Now at ${server.url} until Ctrl-C.`)
  await new Promise(() => {})
  return 0
}

/** Undefined where the port is in use. */
function served(port: number): ReturnType<typeof serveFolder> | undefined {
  try {
    return serveFolder(site, port)
  } catch (error) {
    if ((error as { code?: string }).code === 'EADDRINUSE') return undefined
    throw error
  }
}
