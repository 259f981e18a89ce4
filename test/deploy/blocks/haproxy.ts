/** Whole configurations of HAProxy's, without their defaults. */
import { all, api, type Block, sockets } from './block.ts'

const nowhere = '503'
const reverb = `
backend reverb
  server reverb 127.0.0.1:8080`

export const haproxy: readonly Block[] = [
  {
    name: 'everything',
    text: `
frontend web
  bind :80
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  default_backend reverb
${reverb}`,
  },
  {
    name: 'everything, in one section',
    text: `
listen web
  bind :80
  balance source
  timeout tunnel 1h
  option http-keep-alive
  server reverb 127.0.0.1:8080`,
  },
  {
    name: 'everything, with http-server-close and a cookie',
    text: `
frontend web
  bind :80
  option http-server-close
  default_backend reverb

backend reverb
  timeout tunnel 3h
  cookie reverb insert indirect nocache
  server reverb 127.0.0.1:8080 cookie one`,
  },
  {
    name: 'everything, in TCP mode',
    text: `
listen web
  bind :80
  mode tcp
  server reverb 127.0.0.1:8080`,
    reverb: { kept: 'closed after one answer' },
  },
  {
    name: 'everything, with a health check in HTTP/1.0',
    text: `
frontend web
  bind :80
  default_backend reverb

backend reverb
  option httpchk GET /up
  http-check expect status 200
  server reverb 127.0.0.1:8080 check inter 200ms`,
  },
  {
    name: 'everything, with a health check in HTTP/1.1',
    text: `
frontend web
  bind :80
  default_backend reverb

backend reverb
  option httpchk
  http-check send meth GET uri /up ver HTTP/1.1 hdr Host localhost
  server reverb 127.0.0.1:8080 check inter 200ms`,
  },
  {
    name: 'everything, for clients whose prefix is a slash',
    prefix: '/',
    text: `
frontend web
  bind :80
  default_backend reverb
${reverb}`,
  },
  {
    name: 'both paths',
    text: `
frontend web
  bind :80
  acl is_reverb path_beg /app/ /apps/
  use_backend reverb if is_reverb
${reverb}`,
    except: { health: nowhere },
  },
  {
    name: 'both paths by a pattern',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_reg ^/apps?/ }
${reverb}`,
    except: { health: nowhere },
  },
  {
    name: 'one path without a slash behind it, which covers both',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg -i /app }
${reverb}`,
    except: { health: nowhere },
  },
  {
    name: 'requests with the Upgrade header only',
    text: `
frontend web
  bind :80
  acl is_upgrade hdr(Connection) -i upgrade
  acl is_websocket hdr(Upgrade) -i WebSocket
  use_backend reverb if is_upgrade is_websocket
${reverb}`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'clients only',
    text: `
frontend web
  bind :80
  acl is_reverb path_beg /app/
  use_backend reverb if is_reverb
${reverb}`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'a prefix that the server knows',
    prefix: '/ws',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws/ }

backend reverb
  server reverb 127.0.0.1:8081`,
  },
  {
    name: 'a prefix that the server does not know',
    prefix: '/ws',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws/ }
${reverb}`,
    except: all([...sockets, ...api, 'health'], '404 Not found.'),
  },
  {
    name: 'a prefix that is stripped',
    prefix: '/ws',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws/ }
${reverb}
  http-request replace-path /ws/(.*) /\\1`,
  },
  {
    name: 'a prefix that replace-uri strips',
    prefix: '/ws',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws/ }
${reverb}
  http-request replace-uri ^/ws/(.*)$ /\\1`,
  },
  {
    name: 'a prefix that is stripped, which leaves two slashes',
    prefix: '/ws',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws }
${reverb}
  http-request replace-path ^/ws(.*) /\\1`,
  },
  {
    name: 'a prefix that is stripped, for clients whose prefix ends in a slash',
    prefix: '/ws/',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws/ }
${reverb}
  http-request set-path %[path,regsub(^/ws/,/)]`,
  },
  {
    name: 'a prefix that is stripped with its slash, so that the path has none',
    prefix: '/ws',
    text: `
frontend web
  bind :80
  use_backend reverb if { path_beg /ws/ }
${reverb}
  http-request set-path %[path,regsub(^/ws/,)]`,
    except: all([...sockets, ...api, 'health'], '400'),
    reverb: all([...sockets, ...api, 'health'], '400 Bad request.'),
  },
  {
    name: 'everything, without the Upgrade header',
    text: `
frontend web
  bind :80
  http-request del-header Upgrade
  default_backend reverb
${reverb}`,
    except: all(sockets, '426 This is a WebSocket endpoint: connect with a Pusher client.'),
    reverb: all(sockets, '500 Internal server error.'),
  },
]
