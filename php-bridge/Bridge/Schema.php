<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * What PHP needs of the schema of the configuration, which is in src/config/schema. `make schema` writes this file from it.
 */
final class Schema
{
    /** Keys of `servers.reverb` that the `server` of the document has under the same names. */
    public const SERVER = ['host', 'port', 'path', 'hostname', 'max_request_size'];

    /** The same of `servers.reverb.revurb`. */
    public const REVURB = ['drain_seconds', 'timestamp_tolerance', 'max_queued_bytes', 'max_total_queued_bytes', 'max_messages_per_second', 'max_bytes_per_second', 'burst_seconds', 'idempotency_seconds'];

    /** Keys of `servers.reverb.revurb` that PHP alone uses. */
    public const REVURB_OF_PHP = ['bun', 'bun_mirror', 'log', 'log_channel'];

    /** Revurb's own keys in the settings of the Redis for scaling. */
    public const REDIS_ADDED = ['sentinels', 'master', 'sentinel_password', 'cluster', 'context'];

    /** Revurb's own keys in an app. */
    public const APP_ADDED = ['enabled', 'allow_missing_origin', 'check_protocol', 'subscription_count', 'cache', 'limits', 'request_rate_limiting'];

    /** Keys of an app that contain others, in the document too. */
    public const APP_GROUPS = ['rate_limiting', 'cache', 'limits', 'request_rate_limiting', 'options'];

    /** The values of absent keys, where there is one. */
    public const DEFAULTS = [
        'servers.reverb.host' => '0.0.0.0',
        'servers.reverb.port' => 8080,
        'servers.reverb.path' => '',
        'servers.reverb.max_request_size' => 10000,
        'servers.reverb.revurb.drain_seconds' => 10,
        'servers.reverb.revurb.timestamp_tolerance' => 600,
        'servers.reverb.revurb.max_queued_bytes' => 1048576,
        'servers.reverb.revurb.max_total_queued_bytes' => 67108864,
        'servers.reverb.revurb.max_messages_per_second' => 2000,
        'servers.reverb.revurb.max_bytes_per_second' => 2000000,
        'servers.reverb.revurb.burst_seconds' => 3,
        'servers.reverb.revurb.idempotency_seconds' => 120,
        'servers.reverb.options.tls' => [],
        'servers.reverb.options.tls.verify_peer' => false,
        'servers.reverb.scaling.enabled' => false,
        'servers.reverb.scaling.channel' => 'reverb',
        'servers.reverb.scaling.server.host' => '127.0.0.1',
        'servers.reverb.scaling.server.port' => 6379,
        'servers.reverb.scaling.server.database' => 0,
        'servers.reverb.scaling.server.timeout' => 60,
        'servers.reverb.scaling.server.master' => 'mymaster',
        'servers.reverb.scaling.server.context.stream.verify_peer' => true,
        'servers.reverb.scaling.server.context.stream.verify_peer_name' => true,
        'apps.apps.*.enabled' => true,
        'apps.apps.*.allowed_origins' => ['*'],
        'apps.apps.*.allow_missing_origin' => false,
        'apps.apps.*.check_protocol' => false,
        'apps.apps.*.ping_interval' => 60,
        'apps.apps.*.activity_timeout' => 30,
        'apps.apps.*.max_message_size' => 10000,
        'apps.apps.*.accept_client_events_from' => 'all',
        'apps.apps.*.subscription_count' => false,
        'apps.apps.*.rate_limiting.enabled' => false,
        'apps.apps.*.rate_limiting.max_attempts' => 60,
        'apps.apps.*.rate_limiting.decay_seconds' => 1,
        'apps.apps.*.rate_limiting.terminate_on_limit' => false,
        'apps.apps.*.cache.ttl' => 1800,
        'apps.apps.*.cache.max_channels' => 10000,
        'apps.apps.*.cache.max_bytes' => 16777216,
        'apps.apps.*.limits.channel_name_charset' => 'any',
        'apps.apps.*.limits.watchlist_users' => 100,
        'apps.apps.*.request_rate_limiting.enabled' => false,
        'apps.apps.*.request_rate_limiting.max_attempts' => 1000,
        'apps.apps.*.request_rate_limiting.decay_seconds' => 1,
        'default' => 'reverb',
        'servers.reverb.pulse_ingest_interval' => 15,
        'servers.reverb.telescope_ingest_interval' => 15,
        'servers.reverb.revurb.log' => 'text',
        'apps.provider' => 'config',
        'apps.apps.*.options.useTLS' => false,
    ];

    /** What 0 stands for, where it is neither 0 nor no limit. */
    public const ZEROS = [
        'servers.reverb.max_request_size' => 16777216,
        'apps.apps.*.ping_interval' => 60,
        'apps.apps.*.max_message_size' => 16777216,
    ];

    /** The largest numbers that the server accepts. */
    public const MAXIMA = [
        'servers.reverb.port' => 65535,
        'servers.reverb.max_request_size' => 1073741824,
        'servers.reverb.revurb.drain_seconds' => 3600,
        'servers.reverb.revurb.burst_seconds' => 60,
        'servers.reverb.scaling.server.port' => 65535,
        'apps.apps.*.max_message_size' => 1073741824,
    ];

    /** Keys by their paths in the document, except those of apps. */
    public const PLACES = [
        'server.host' => 'servers.reverb.host',
        'server.port' => 'servers.reverb.port',
        'server.path' => 'servers.reverb.path',
        'server.hostname' => 'servers.reverb.hostname',
        'server.max_request_size' => 'servers.reverb.max_request_size',
        'server.drain_seconds' => 'servers.reverb.revurb.drain_seconds',
        'server.timestamp_tolerance' => 'servers.reverb.revurb.timestamp_tolerance',
        'server.max_queued_bytes' => 'servers.reverb.revurb.max_queued_bytes',
        'server.max_total_queued_bytes' => 'servers.reverb.revurb.max_total_queued_bytes',
        'server.max_messages_per_second' => 'servers.reverb.revurb.max_messages_per_second',
        'server.max_bytes_per_second' => 'servers.reverb.revurb.max_bytes_per_second',
        'server.burst_seconds' => 'servers.reverb.revurb.burst_seconds',
        'server.idempotency_seconds' => 'servers.reverb.revurb.idempotency_seconds',
        'server.tls' => 'servers.reverb.options.tls',
        'server.tls.local_cert' => 'servers.reverb.options.tls.local_cert',
        'server.tls.local_pk' => 'servers.reverb.options.tls.local_pk',
        'server.tls.passphrase' => 'servers.reverb.options.tls.passphrase',
        'server.tls.cafile' => 'servers.reverb.options.tls.cafile',
        'server.tls.verify_peer' => 'servers.reverb.options.tls.verify_peer',
        'scaling.enabled' => 'servers.reverb.scaling.enabled',
        'scaling.channel' => 'servers.reverb.scaling.channel',
        'scaling.secret' => 'servers.reverb.scaling.secret',
        'scaling.server.host' => 'servers.reverb.scaling.server.host',
        'scaling.server.port' => 'servers.reverb.scaling.server.port',
        'scaling.server.username' => 'servers.reverb.scaling.server.username',
        'scaling.server.password' => 'servers.reverb.scaling.server.password',
        'scaling.server.database' => 'servers.reverb.scaling.server.database',
        'scaling.server.timeout' => 'servers.reverb.scaling.server.timeout',
        'scaling.server.sentinels' => 'servers.reverb.scaling.server.sentinels',
        'scaling.server.master' => 'servers.reverb.scaling.server.master',
        'scaling.server.sentinel_password' => 'servers.reverb.scaling.server.sentinel_password',
        'scaling.server.cluster' => 'servers.reverb.scaling.server.cluster',
        'scaling.server.tls.cafile' => 'servers.reverb.scaling.server.context.stream.cafile',
        'scaling.server.tls.local_cert' => 'servers.reverb.scaling.server.context.stream.local_cert',
        'scaling.server.tls.local_pk' => 'servers.reverb.scaling.server.context.stream.local_pk',
        'scaling.server.tls.passphrase' => 'servers.reverb.scaling.server.context.stream.passphrase',
        'scaling.server.tls.peer_name' => 'servers.reverb.scaling.server.context.stream.peer_name',
        'scaling.server.tls.verify_peer' => 'servers.reverb.scaling.server.context.stream.verify_peer',
        'scaling.server.tls.verify_peer_name' => 'servers.reverb.scaling.server.context.stream.verify_peer_name',
    ];
}
