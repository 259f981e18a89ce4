/** What stands in a `<VirtualHost>` of Apache's. */
import { all, api, type Block, sockets } from './block.ts'

const noSocket = '426 This is a WebSocket endpoint: connect with a Pusher client.'
/** Reverb's answer in the same place. */
const unforeseen = '500 Internal server error.'
const nowhere = '404'

const asksForSocket = `
  RewriteEngine On
  RewriteCond %{HTTP:Upgrade} websocket [NC]
  RewriteCond %{HTTP:Connection} upgrade [NC]`

export const apache: readonly Block[] = [
  {
    name: 'everything, upgrades by mod_proxy_http',
    text: `
      ProxyPreserveHost On
      ProxyPass / http://127.0.0.1:8080/ upgrade=websocket
      ProxyPassReverse / http://127.0.0.1:8080/`,
  },
  {
    name: 'everything, upgrades by a rewrite',
    text: `${asksForSocket}
      RewriteRule ^/?(.*) "ws://127.0.0.1:8080/$1" [P,L]
      ProxyPass / http://127.0.0.1:8080/
      ProxyPassReverse / http://127.0.0.1:8080/`,
  },
  {
    name: 'everything, upgrades by a rewrite that leaves two slashes',
    text: `${asksForSocket}
      RewriteRule ^(.*)$ ws://127.0.0.1:8080/$1 [P,L]
      ProxyPass / http://127.0.0.1:8080/`,
  },
  {
    name: 'everything, upgrades by a rewrite of the whole address',
    text: `${asksForSocket}
      RewriteRule .* ws://127.0.0.1:8080%{REQUEST_URI} [P]
      ProxyPass / http://127.0.0.1:8080/`,
  },
  {
    name: 'everything by ws, which falls back to HTTP',
    text: 'ProxyPass / ws://127.0.0.1:8080/',
  },
  {
    name: 'everything, for clients whose prefix is a slash',
    prefix: '/',
    text: 'ProxyPass / http://127.0.0.1:8080/ upgrade=websocket',
  },
  {
    name: 'both paths, clients by ws',
    text: `
      ProxyPreserveHost On
      ProxyPass /app ws://127.0.0.1:8080/app
      ProxyPassReverse /app ws://127.0.0.1:8080/app
      ProxyPass /apps http://127.0.0.1:8080/apps
      ProxyPassReverse /apps http://127.0.0.1:8080/apps`,
    except: { health: nowhere },
  },
  {
    name: 'both paths, with slashes behind them',
    text: `
      ProxyPass /app/ ws://127.0.0.1:8080/app/
      ProxyPass /apps/ http://127.0.0.1:8080/apps/`,
    except: { health: nowhere },
  },
  {
    name: 'both paths by ws',
    text: `
      ProxyPass /app ws://127.0.0.1:8080/app
      ProxyPass /apps ws://127.0.0.1:8080/apps`,
    except: { health: nowhere },
  },
  {
    name: 'both paths, clients by ws with upgrade=websocket',
    text: `
      ProxyPass /app ws://127.0.0.1:8080/app upgrade=websocket
      ProxyPass /apps http://127.0.0.1:8080/apps`,
    except: { health: nowhere },
  },
  {
    name: 'both paths by patterns',
    text: `
      ProxyPassMatch ^/(app/.*)$ ws://127.0.0.1:8080/$1
      ProxyPassMatch ^/(apps/.*)$ http://127.0.0.1:8080/$1`,
    except: { health: nowhere },
  },
  {
    name: 'both paths, each in a Location',
    text: `
      <Location /app>
        ProxyPass http://127.0.0.1:8080/app upgrade=websocket
      </Location>
      <Location /apps>
        ProxyPass http://127.0.0.1:8080/apps
      </Location>`,
    except: { health: nowhere },
  },
  {
    name: 'both paths, clients by a rewrite and again by ProxyPass',
    text: `${asksForSocket}
      RewriteRule ^/app/(.*) ws://127.0.0.1:8080/app/$1 [P,L]
      ProxyPass /app ws://127.0.0.1:8080/app
      ProxyPass /apps http://127.0.0.1:8080/apps
      RequestHeader set X-Forwarded-Proto https`,
    except: { health: nowhere },
  },
  {
    name: 'both paths, clients by a rewrite without an anchor',
    text: `
      RewriteEngine On
      RewriteCond %{HTTP:Upgrade} =websocket [NC]
      RewriteRule /app/(.*) ws://127.0.0.1:8080/app/$1 [P,L]
      ProxyPass /apps/ http://127.0.0.1:8080/apps/`,
    except: { health: nowhere },
  },
  {
    name: 'clients only',
    text: `
      ProxyPass /app ws://127.0.0.1:8080/app
      ProxyPassReverse /app ws://127.0.0.1:8080/app`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'a prefix that the server knows',
    prefix: '/ws',
    text: 'ProxyPass /ws http://127.0.0.1:8081/ws upgrade=websocket',
  },
  {
    name: 'a prefix that the server does not know',
    prefix: '/ws',
    text: 'ProxyPass /ws/ http://127.0.0.1:8080/ws/ upgrade=websocket',
    except: all([...sockets, ...api, 'health'], '404 Not found.'),
  },
  {
    name: 'a prefix that is stripped',
    prefix: '/ws',
    text: 'ProxyPass /ws/ http://127.0.0.1:8080/ upgrade=websocket',
  },
  {
    name: 'a prefix that is stripped, which leaves two slashes',
    prefix: '/ws',
    text: 'ProxyPass /ws http://127.0.0.1:8080/ upgrade=websocket',
  },
  {
    name: 'a prefix that is stripped, for clients whose prefix ends in a slash',
    prefix: '/ws/',
    text: 'ProxyPass /ws/ http://127.0.0.1:8080/ upgrade=websocket',
  },
  {
    name: 'a prefix that is stripped, clients by ws',
    prefix: '/ws',
    text: `${asksForSocket}
      RewriteRule ^/ws/(.*) ws://127.0.0.1:8080/$1 [P,L]
      ProxyPass /ws http://127.0.0.1:8080`,
  },
  {
    name: 'a prefix that a rewrite strips, which leaves two slashes',
    prefix: '/ws',
    text: `
      RewriteEngine On
      RewriteRule ^/ws(.*)$ http://127.0.0.1:8080/$1 [P,L]
      ProxyPass /nowhere http://127.0.0.1:8080/ upgrade=websocket`,
  },
  {
    name: 'both paths, without upgrades',
    text: `
      ProxyPass /app http://127.0.0.1:8080/app
      ProxyPass /apps http://127.0.0.1:8080/apps`,
    except: { ...all(sockets, noSocket), health: nowhere },
    reverb: all(sockets, unforeseen),
  },
  {
    name: 'everything by HTTP, and after it clients by ws',
    text: `
      ProxyPass / http://127.0.0.1:8080/
      ProxyPass /app ws://127.0.0.1:8080/app`,
    except: all(sockets, noSocket),
    reverb: all(sockets, unforeseen),
  },
  {
    name: 'everything to the path of one app',
    text: 'ProxyPass / ws://127.0.0.1:8080/app/app-key',
    except: { ...all([...sockets, ...api], '404 Not found.'), health: noSocket },
    reverb: { health: unforeseen },
  },
]
