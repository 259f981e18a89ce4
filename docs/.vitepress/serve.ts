import { join, normalize } from 'node:path'

/** Serves a folder of files on this machine alone. `onRequest` is called with the path of each request. */
export function serveFolder(folder: string, port: number, onRequest?: (path: string) => void): Bun.Server<undefined> {
  return Bun.serve({
    hostname: '127.0.0.1',
    port,
    async fetch(request) {
      const path = decoded(new URL(request.url).pathname)
      if (path === undefined) return noSuchPage()
      onRequest?.(path)
      const file = Bun.file(join(folder, path.endsWith('/') ? `${path}index.html` : path))
      return (await file.exists()) ? new Response(file) : noSuchPage()
    },
  })
}

/** Undefined for what cannot be the path of a file. */
function decoded(path: string): string | undefined {
  try {
    const name = normalize(decodeURIComponent(path))
    return name.includes('\0') ? undefined : name
  } catch {
    return undefined
  }
}

function noSuchPage(): Response {
  return new Response('There is no such page.', { status: 404 })
}
