<?php

declare(strict_types=1);

namespace Revurb\Doctor;

/**
 * The stable code of a result, for programs; sentences may be reworded. docs/doctor.md lists the codes.
 */
enum Code: string
{
    case Ok = 'ok';
    /** Another check has found the reason, so this one does not judge. */
    case NotJudged = 'not-judged';
    /** The check itself has thrown. */
    case CheckFailed = 'check-failed';

    case FunctionsMissing = 'php-functions-missing';
    case Windows = 'windows';
    case BunMissing = 'bun-missing';
    case BunNotExecutable = 'bun-not-executable';
    case BunPlaceholder = 'bun-placeholder';
    case BunOtherPlatform = 'bun-other-platform';
    case BunTooOld = 'bun-too-old';
    case BunDoesNotRun = 'bun-does-not-run';
    case BunDamaged = 'bun-damaged';
    case BunUntested = 'bun-untested';

    case ConfigInvalid = 'config-invalid';
    case ConfigWarning = 'config-warning';
    case ConfigCacheStale = 'config-cache-stale';
    case EnvUnreadable = 'env-unreadable';
    case ServerScriptMissing = 'server-script-missing';
    case ServerFailed = 'server-failed';

    case LimitsOfEarlierVersion = 'limits-of-earlier-version';
    case NoConnectionsAllowed = 'no-connections-allowed';

    case PublisherMissing = 'publisher-missing';
    case BroadcastsElsewhere = 'broadcasts-elsewhere';
    case BroadcasterUnknown = 'broadcaster-unknown';
    case HostUnusable = 'host-unusable';
    case DefinedAfterUse = 'defined-after-use';
    case AppIdUnknown = 'app-id-unknown';
    case AppKeyOther = 'app-key-other';
    case AppSecretOther = 'app-secret-other';
    case KeyUnusable = 'key-unusable';
    case KeyReadDifferently = 'key-read-differently';
    case BrowserKeyUnknown = 'browser-key-unknown';
    case BrowserKeyOfOtherApp = 'browser-key-of-other-app';
    case MixedContent = 'mixed-content';

    case AssetsOutdated = 'assets-outdated';
    case AssetsHot = 'assets-hot';

    case RedisUnreachable = 'redis-unreachable';
    case RedisLogin = 'redis-login';
    case RedisCertificate = 'redis-certificate';
    case RedisClientMissing = 'redis-client-missing';
    case RedisUnusable = 'redis-unusable';

    case CacheForgets = 'cache-forgets';
    case CacheTableMissing = 'cache-table-missing';
    case CacheReadOnly = 'cache-read-only';
    case CacheNotPermitted = 'cache-not-permitted';
    case CacheFolderMissing = 'cache-folder-missing';
    case CacheFull = 'cache-full';
    case CacheReplica = 'cache-replica';
    case CacheUnusable = 'cache-unusable';

    case QueueUnusable = 'queue-unusable';
    case JobsWaiting = 'jobs-waiting';

    case PortInvalid = 'port-invalid';
    case PortTaken = 'port-taken';
    case PortPrivileged = 'port-privileged';
    case ListenHostUnknown = 'listen-host-unknown';

    case ServerNotRunning = 'server-not-running';
    case ConfigurationOlder = 'configuration-older';
    case ServerDegraded = 'server-degraded';

    case SupervisorGone = 'supervisor-gone';
    case SupervisorNotStartedAgain = 'supervisor-not-started-again';
    case SupervisorFailed = 'supervisor-failed';
    case SupervisorRestartFailed = 'supervisor-restart-failed';
    case SupervisorStale = 'supervisor-stale';
    case SupervisorRedis = 'supervisor-redis';
    case SupervisorRedisSlow = 'supervisor-redis-slow';
    case SupervisorCrashed = 'supervisor-crashed';

    case SignatureRefused = 'signature-refused';
    case AppUnknown = 'app-unknown';
    case AppDisabled = 'app-disabled';
    case RateLimited = 'rate-limited';

    case HostUnknown = 'host-unknown';
    case ConnectionRefused = 'connection-refused';
    case NoAnswer = 'no-answer';
    case PlainHttp = 'plain-http';
    case TlsExpected = 'tls-expected';
    case CertificateRefused = 'certificate-refused';
    case TlsFailed = 'tls-failed';
    case NoHttp = 'no-http';
    case Redirected = 'redirected';
    case PathUnknown = 'path-unknown';
    case ProxyWithoutServer = 'proxy-without-server';
    case AccessDenied = 'access-denied';
    case NotPassedOn = 'not-passed-on';
    case AnswerUnknown = 'answer-unknown';

    case NoUpgrade = 'no-upgrade';
    case NoFrames = 'no-frames';
    case OriginRefused = 'origin-refused';
    case ConnectionsExhausted = 'connections-exhausted';
    case ServerFull = 'server-full';
    case ServerStopping = 'server-stopping';
    case ConnectionRejected = 'connection-rejected';

    case EventRefused = 'event-refused';
    case EventNotReceived = 'event-not-received';

    case ClockOff = 'clock-off';
    case DescriptorsFew = 'descriptors-few';
    case AcceptQueueReset = 'accept-queue-reset';
}
