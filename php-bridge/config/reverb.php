<?php

declare(strict_types=1);

/*
 * The keys and environment names are Laravel Reverb's own, so that either server can read this file. Revurb adds the keys
 * under `servers.reverb.revurb`, in `scaling` its `secret` and the Sentinels, Cluster, certificates and prefix of its
 * `server`, and in an app `enabled`, `allow_missing_origin`, `check_protocol`, `subscription_count`, `cache`, `limits` and
 * `request_rate_limiting`.
 */

return [

    'default' => env('REVERB_SERVER', 'reverb'),

    'servers' => [

        'reverb' => [
            // The address on which the server listens, and the prefix of all its routes.
            'host' => env('REVERB_SERVER_HOST', '0.0.0.0'),
            'port' => env('REVERB_SERVER_PORT', 8080),
            'path' => env('REVERB_SERVER_PATH', ''),

            // The public host name, by which clients connect.
            'hostname' => env('REVERB_HOST'),

            // PHP's SSL context options: local_cert, local_pk, passphrase, cafile, verify_peer. Without them the server speaks plain HTTP.
            'options' => [
                'tls' => [],
            ],

            // Bytes of the body of an HTTP request.
            'max_request_size' => env('REVERB_MAX_REQUEST_SIZE', 10_000),

            // Several servers share their channels over Redis. They sign their messages to each other with the secret, which
            // is derived from the application's key if it is not set.
            'scaling' => [
                'enabled' => env('REVERB_SCALING_ENABLED', false),
                'channel' => env('REVERB_SCALING_CHANNEL', 'reverb'),
                'secret' => env('REVURB_SCALING_SECRET'),
                'server' => [
                    'url' => env('REDIS_URL'),
                    'host' => env('REDIS_HOST', '127.0.0.1'),
                    'port' => env('REDIS_PORT', '6379'),
                    'username' => env('REDIS_USERNAME'),
                    'password' => env('REDIS_PASSWORD'),
                    'database' => env('REDIS_DB', '0'),
                    'timeout' => env('REDIS_TIMEOUT', 60),

                    // Instead of host and port: Sentinels and the name of the master, or nodes of a Redis Cluster.
                    // Hosts with their ports: 10.0.0.1:26379,10.0.0.2:26379
                    'sentinels' => env('REVURB_REDIS_SENTINELS'),
                    'master' => env('REVURB_REDIS_MASTER'),
                    'sentinel_password' => env('REVURB_REDIS_SENTINEL_PASSWORD'),
                    'cluster' => env('REVURB_REDIS_CLUSTER'),

                    // PHP's SSL context options, as for phpredis. Any of them turns TLS on, unless a scheme is set.
                    'context' => [
                        'stream' => [
                            'cafile' => env('REVURB_REDIS_CAFILE'),
                            'local_cert' => env('REVURB_REDIS_CERT'),
                            'local_pk' => env('REVURB_REDIS_KEY'),
                            'passphrase' => env('REVURB_REDIS_PASSPHRASE'),
                            'peer_name' => env('REVURB_REDIS_PEER_NAME'),
                            'verify_peer' => env('REVURB_REDIS_VERIFY_PEER'),
                        ],
                    ],
                ],
            ],

            // Seconds between two writes of the entries that Pulse and Telescope have collected.
            'pulse_ingest_interval' => env('REVERB_PULSE_INGEST_INTERVAL', 15),
            'telescope_ingest_interval' => env('REVERB_TELESCOPE_INGEST_INTERVAL', 15),

            'revurb' => [
                // The Bun to run, instead of looking in storage/revurb, node_modules, PATH and the home folder.
                'bun' => env('REVURB_BUN'),

                // Where reverb:bun --install gets Bun from, instead of github.com: an http(s) address or the path of a file, in which
                // {version} and {target} stand for those of Bun; or a base address with the layout of GitHub.
                'bun_mirror' => env('REVURB_BUN_MIRROR'),

                // The log of reverb:start on the console, 'text' or 'json' (one object a line); and a channel of config/logging.php
                // to which every line is copied.
                'log' => env('REVURB_LOG', 'text'),
                'log_channel' => env('REVURB_LOG_CHANNEL'),

                // Seconds over which a stopping server closes its connections while clients move to another server.
                'drain_seconds' => env('REVURB_DRAIN_SECONDS', 10),

                // Seconds by which the timestamp of a signed request may differ from the server's clock.
                'timestamp_tolerance' => env('REVURB_TIMESTAMP_TOLERANCE', 600),

                // Bytes that may wait for one slow client before it is disconnected.
                'max_queued_bytes' => env('REVURB_MAX_QUEUED_BYTES', 1_048_576),

                // Bytes that may wait for all slow clients together before those with the most are disconnected. 0: no limit.
                'max_total_queued_bytes' => env('REVURB_MAX_TOTAL_QUEUED_BYTES', 67_108_864),

                // Messages and bytes that one client may send in a second before it is disconnected with a code after which it
                // reconnects. It may save up three seconds of both. 0: no limit.
                'max_messages_per_second' => env('REVURB_MAX_MESSAGES_PER_SECOND', 2000),
                'max_bytes_per_second' => env('REVURB_MAX_BYTES_PER_SECOND', 2_000_000),

                // Seconds for which the server recognises publishes that it has delivered: the retry of a queued job delivers only what
                // the failed attempt had not published. It needs a cache that workers share. 0: off.
                'idempotency_seconds' => env('REVURB_IDEMPOTENCY_SECONDS', 120),
            ],
        ],

    ],

    'apps' => [

        'provider' => 'config',

        'apps' => [
            [
                'key' => env('REVERB_APP_KEY'),
                'secret' => env('REVERB_APP_SECRET'),
                'app_id' => env('REVERB_APP_ID'),
                'options' => [
                    'host' => env('REVERB_HOST'),
                    'port' => env('REVERB_PORT', 443),
                    'scheme' => env('REVERB_SCHEME', 'https'),
                    'useTLS' => env('REVERB_SCHEME', 'https') === 'https',
                ],

                // false: clients cannot connect, and the application cannot publish.
                'enabled' => true,

                // Patterns of host names or of whole origins, and whether clients without an Origin header may connect.
                'allowed_origins' => ['*'],
                'allow_missing_origin' => false,

                // Whether clients must name a version of Pusher's protocol, 4 to 7, in their URL: `?protocol=7`.
                'check_protocol' => env('REVURB_CHECK_PROTOCOL', false),

                // The first two are seconds; then the number of connections, and bytes of a message.
                'ping_interval' => env('REVERB_APP_PING_INTERVAL', 60),
                'activity_timeout' => env('REVERB_APP_ACTIVITY_TIMEOUT', 30),
                'max_connections' => env('REVERB_APP_MAX_CONNECTIONS'),
                'max_message_size' => env('REVERB_APP_MAX_MESSAGE_SIZE', 10_000),

                // 'all', 'members' of the channel, or 'none'.
                'accept_client_events_from' => env('REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM', 'members'),

                'rate_limiting' => [
                    'enabled' => env('REVERB_APP_RATE_LIMITING_ENABLED', false),
                    'max_attempts' => env('REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS', 60),
                    'decay_seconds' => env('REVERB_APP_RATE_LIMIT_DECAY_SECONDS', 60),
                    'terminate_on_limit' => env('REVERB_APP_RATE_LIMIT_TERMINATE', false),
                ],

                // Limits the application's own requests to the HTTP API.
                'request_rate_limiting' => [
                    'enabled' => false,
                    'max_attempts' => 1_000,
                    'decay_seconds' => 1,
                ],

                // Whether clients receive the number of subscriptions of their channels.
                'subscription_count' => env('REVURB_SUBSCRIPTION_COUNT', false),

                // The last events of cache channels: seconds, channels and bytes for which they are kept.
                'cache' => [
                    'ttl' => env('REVURB_CACHE_TTL', 1_800),
                    'max_channels' => 10_000,
                    'max_bytes' => 16_777_216,
                ],

                // Reverb has none of these limits, and nothing is limited unless you set it. The preset 'pusher' sets those that Pusher
                // documents; a number overrides one of them, and 0 lifts it. docs/configuration.md lists all the keys.
                'limits' => [
                    'preset' => env('REVURB_LIMITS'),
                    'presence_members' => env('REVURB_PRESENCE_MEMBERS'),
                    'client_events_per_second' => env('REVURB_CLIENT_EVENTS_PER_SECOND'),
                ],
            ],
        ],

    ],

];
