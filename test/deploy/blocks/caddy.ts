/** What stands in the block of a site in the Caddyfile. */
import { all, api, type Block, endless, sockets } from './block.ts'

const nowhere = '404'
const noSocket = '426 This is a WebSocket endpoint: connect with a Pusher client.'

export const caddy: readonly Block[] = [
  { name: 'everything', text: 'reverse_proxy 127.0.0.1:8080' },
  {
    name: 'everything, with headers that Caddy sets anyway',
    text: `
      encode gzip
      reverse_proxy 127.0.0.1:8080 {
        header_up Host {host}
        header_up X-Real-IP {remote_host}
        header_up X-Forwarded-Proto {scheme}
        flush_interval -1
      }`,
  },
  {
    name: 'everything, with Upgrade headers copied from where Caddy no longer has them',
    text: `reverse_proxy 127.0.0.1:8080 {
      header_up Connection {>Connection}
      header_up Upgrade {>Upgrade}
    }`,
    except: all(sockets, noSocket),
    reverb: {
      ...all(sockets, endless),
      ...all(['publish', 'batch'], '405 HTTP/1.1 500 Internal Server Error'),
      ...all(['users', 'encoded', 'kept', 'health'], '426 HTTP/1.1 500 Internal Server Error'),
    },
  },
  {
    name: 'everything, with health checks',
    text: `reverse_proxy 127.0.0.1:8080 {
      health_uri /up
      health_interval 1s
    }`,
  },
  { name: 'everything, for clients whose prefix is a slash', prefix: '/', text: 'reverse_proxy 127.0.0.1:8080' },
  {
    name: 'both paths, each by itself',
    text: `
      reverse_proxy /app/* 127.0.0.1:8080
      reverse_proxy /apps/* 127.0.0.1:8080`,
    except: { health: nowhere },
  },
  {
    name: 'both paths by one matcher',
    text: `
      @reverb path /app/* /apps/*
      handle @reverb {
        reverse_proxy 127.0.0.1:8080
      }`,
    except: { health: nowhere },
  },
  {
    name: 'both paths by one pattern',
    text: `
      @reverb path_regexp ^/apps?/.*
      reverse_proxy @reverb 127.0.0.1:8080 {
        header_up X-Forwarded-For {remote}
      }`,
    except: { health: nowhere },
  },
  {
    name: 'one path without a slash behind it, which covers both',
    text: `handle /app* {
      reverse_proxy 127.0.0.1:8080
    }`,
    except: { health: nowhere },
  },
  {
    name: 'clients only',
    text: `handle /app/* {
      reverse_proxy 127.0.0.1:8080 {
        transport http {
          dial_timeout 30s
          response_header_timeout 30s
        }
      }
    }`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'requests with the Upgrade header only',
    text: `
      @websockets {
        header Connection *Upgrade*
        header Upgrade websocket
      }
      reverse_proxy @websockets 127.0.0.1:8080`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'requests with the Upgrade header under both paths only',
    text: `
      @websockets {
        path_regexp ^/(app|apps)/.*
        header Connection *Upgrade*
        header Upgrade websocket
      }
      reverse_proxy @websockets 127.0.0.1:8080`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'the path of clients without their key',
    text: 'reverse_proxy /app 127.0.0.1:8080',
    except: all([...sockets, ...api, 'health'], nowhere),
  },
  {
    name: 'a prefix that the server knows',
    prefix: '/ws',
    text: `handle /ws/* {
      reverse_proxy 127.0.0.1:8081
    }`,
  },
  {
    name: 'a prefix that the server does not know',
    prefix: '/ws',
    text: 'reverse_proxy /ws/* 127.0.0.1:8080',
    except: all([...sockets, ...api, 'health'], '404 Not found.'),
  },
  {
    name: 'a prefix that handle_path strips',
    prefix: '/ws',
    text: `handle_path /ws/* {
      reverse_proxy 127.0.0.1:8080
    }`,
  },
  {
    name: 'a prefix that handle_path strips, for clients whose prefix ends in a slash',
    prefix: '/ws/',
    text: `handle_path /ws/* {
      reverse_proxy 127.0.0.1:8080
    }`,
  },
  {
    name: 'a prefix that uri strips',
    prefix: '/ws',
    text: `route /ws/* {
      uri strip_prefix /ws
      reverse_proxy 127.0.0.1:8080
    }`,
  },
  {
    name: 'a prefix that a rewrite strips, which leaves two slashes',
    prefix: '/ws',
    text: `
      @prefixed path_regexp behind ^/ws(/.*)$
      handle @prefixed {
        rewrite * /{re.behind.1}
        reverse_proxy 127.0.0.1:8080
      }`,
  },
]
