/** What stands in nginx's `server` block. */
import { all, api, type Block, endless, sockets } from './block.ts'

/** The block of Laravel's documentation. */
const documented = `
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Scheme $scheme;
  proxy_set_header SERVER_PORT $server_port;
  proxy_set_header REMOTE_ADDR $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection "Upgrade";`

/** The headers that most guides set. */
const upgrades = `
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection 'upgrade';
  proxy_set_header Host $host;
  proxy_cache_bypass $http_upgrade;`

const noSocket = '426 This is a WebSocket endpoint: connect with a Pusher client.'
/** Reverb's answer in the same place. */
const unforeseen = '500 Internal server error.'
const notFound = '404 Not found.'
const nowhere = '404'

export const nginx: readonly Block[] = [
  {
    name: 'everything, as in Laravel’s documentation',
    text: `location / { ${documented}
      proxy_pass http://0.0.0.0:8080; }`,
  },
  {
    name: 'everything, by an upstream that keeps connections, and a map for Connection',
    beside: `
      map $http_upgrade $kept_connection { default upgrade; '' ''; }
      upstream reverb { server 127.0.0.1:8080; keepalive 16; }`,
    text: `location / {
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $kept_connection;
      proxy_pass http://reverb; }`,
  },
  {
    name: 'everything, by an upstream with ip_hash, long timeouts and no buffering',
    beside: 'upstream reverb_by_address { ip_hash; server 127.0.0.1:8080; }',
    text: `location / { ${upgrades}
      proxy_read_timeout 86400;
      proxy_send_timeout 86400;
      proxy_buffering off;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_pass http://reverb_by_address; }`,
  },
  {
    name: 'everything, to a server that a variable names',
    text: `location / { ${upgrades}
      set $reverb 127.0.0.1;
      proxy_pass http://$reverb:8080; }`,
  },
  {
    name: 'everything, with the path as it came',
    text: `location / { ${upgrades}
      proxy_pass http://127.0.0.1:8080$request_uri; }`,
  },
  {
    name: 'everything, for clients whose prefix is a slash',
    prefix: '/',
    text: `location / { ${documented}
      proxy_pass http://127.0.0.1:8080; }`,
  },
  {
    name: 'both paths by one pattern',
    text: `location ~ ^/apps?/ { ${documented}
      proxy_pass http://127.0.0.1:8080; }`,
    except: { health: nowhere },
  },
  {
    name: 'both paths, each by itself',
    text: `
      location /app/ { ${upgrades}
        proxy_pass http://127.0.0.1:8080; }
      location /apps/ {
        proxy_set_header Host $host;
        proxy_pass http://127.0.0.1:8080; }`,
    except: { health: nowhere },
  },
  {
    name: 'both paths by patterns, and before them what denies hidden files',
    text: `
      location ~ /\\.(?!well-known) { deny all; }
      location ~ ^/app/ { ${upgrades}
        proxy_pass http://127.0.0.1:8080; }
      location ~ ^/apps/ {
        proxy_http_version 1.1;
        proxy_pass http://127.0.0.1:8080; }`,
    except: { health: nowhere },
  },
  {
    name: 'both paths with the path at the server too',
    text: `
      location /app/ { ${upgrades}
        proxy_pass http://127.0.0.1:8080/app/; }
      location /apps/ { ${upgrades}
        proxy_pass http://127.0.0.1:8080/apps/; }`,
    except: { health: nowhere },
  },
  {
    name: 'one path without a slash behind it, which covers both',
    text: `location /app { ${upgrades}
      proxy_pass http://127.0.0.1:8080; }`,
    except: { health: nowhere },
  },
  {
    name: 'one path without a slash behind it, with the path at the server too',
    text: `location /app { ${upgrades}
      proxy_pass http://127.0.0.1:8080/app; }`,
    except: { health: nowhere },
  },
  {
    name: 'clients only',
    text: `location /app/ { ${upgrades}
      proxy_pass http://127.0.0.1:8080; }`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'clients by their key, and events only',
    text: `
      location ~ ^/app/(?<key>.*) { ${upgrades}
        proxy_pass http://127.0.0.1:8080/app/$key; }
      location ~ ^/apps/(?<id>[^/]+)/events$ {
        proxy_pass http://127.0.0.1:8080/apps/$id/events$is_args$args; }`,
    except: all(['batch', 'users', 'encoded', 'kept', 'health'], nowhere),
  },
  {
    name: 'clients by their key, and events without their query',
    text: `
      location ~ ^/app/(?<key>.*) { ${upgrades}
        proxy_pass http://127.0.0.1:8080/app/$key; }
      location ~ ^/apps/(?<id>[^/]+)/events$ { ${upgrades}
        proxy_pass http://127.0.0.1:8080/apps/$id/events; }`,
    except: {
      publish: '401 Authentication signature invalid.',
      ...all(['batch', 'users', 'encoded', 'kept', 'health'], nowhere),
    },
  },
  {
    name: 'requests with the Upgrade header only',
    beside: 'map $http_upgrade $asks_for { default web; websocket ws; }',
    text: `
      location / { try_files /nothing @$asks_for; }
      location @web { return 404; }
      location @ws { ${upgrades}
        proxy_pass http://127.0.0.1:8080; }`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'requests with the Upgrade header only, by if',
    text: `location / { ${upgrades}
      if ($http_upgrade = 'websocket') { proxy_pass http://127.0.0.1:8080; } }`,
    except: all([...api, 'health'], nowhere),
  },
  {
    name: 'a prefix that the server knows',
    prefix: '/ws',
    text: `location /ws/ { ${upgrades}
      proxy_pass http://127.0.0.1:8081; }`,
  },
  {
    name: 'a prefix that the server knows, without a slash behind it in the rule',
    prefix: '/ws',
    text: `location ^~ /ws { ${documented}
      proxy_pass http://127.0.0.1:8081; }`,
  },
  {
    name: 'a prefix that the server does not know',
    prefix: '/ws',
    text: `location /ws { ${upgrades}
      proxy_pass http://127.0.0.1:8080; }`,
    except: all([...sockets, ...api, 'health'], notFound),
  },
  {
    name: 'a prefix that is stripped',
    prefix: '/ws',
    text: `location /ws/ { ${upgrades}
      proxy_pass http://127.0.0.1:8080/; }`,
  },
  {
    name: 'a prefix that is stripped, which leaves two slashes',
    prefix: '/ws',
    text: `location /ws { ${upgrades}
      proxy_pass http://127.0.0.1:8080/; }`,
  },
  {
    name: 'a prefix that is stripped, which leaves three slashes',
    prefix: '/ws',
    text: `location /ws { ${upgrades}
      proxy_pass http://127.0.0.1:8080//; }`,
  },
  {
    name: 'a prefix that is stripped, for clients whose prefix ends in a slash',
    prefix: '/ws/',
    text: `location /ws/ { ${upgrades}
      proxy_pass http://127.0.0.1:8080/; }`,
  },
  {
    name: 'a prefix that a rewrite strips',
    prefix: '/ws',
    text: `location /ws/ { ${upgrades}
      rewrite ^/ws/(.*)$ /$1 break;
      proxy_pass http://127.0.0.1:8080; }`,
  },
  {
    name: 'a prefix that a rewrite strips, which leaves two slashes',
    prefix: '/ws',
    text: `location /ws { ${upgrades}
      rewrite ^/ws(.*)$ /$1 break;
      proxy_pass http://127.0.0.1:8080; }`,
  },
  {
    name: 'a prefix that is stripped, and publishers denied',
    prefix: '/ws',
    text: `
      location ^~ /ws/apps/ { return 404; }
      location ^~ /ws/ { ${upgrades}
        rewrite ^/ws/(.*)$ /$1 break;
        proxy_pass http://127.0.0.1:8080; }`,
    except: all(api, nowhere),
  },
  {
    name: 'a prefix that is replaced with the server’s own',
    prefix: '/broadcasting',
    text: `location /broadcasting/ { ${upgrades}
      proxy_pass http://127.0.0.1:8081/ws/; }`,
  },
  {
    name: 'everything, without the Upgrade headers',
    text: `location / {
      proxy_set_header Host $host;
      proxy_pass http://127.0.0.1:8080; }`,
    except: all(sockets, noSocket),
    reverb: all(sockets, unforeseen),
  },
  {
    name: 'everything, with upgrades in HTTP/1.0',
    text: `location / {
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "Upgrade";
      proxy_pass http://127.0.0.1:8080; }`,
    reverb: all(sockets, endless),
  },
  {
    name: 'everything, with upgrades without the Connection header',
    text: `location / {
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_pass http://127.0.0.1:8080; }`,
    reverb: all(sockets, endless),
  },
  {
    name: 'everything, without the Origin header',
    text: `location / { ${upgrades}
      proxy_set_header Origin '';
      proxy_pass http://127.0.0.1:8080; }`,
    except: { origin: 'accepts no origin' },
  },
]
