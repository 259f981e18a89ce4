<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Contracts\Config\Repository;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Throwable;

/**
 * Why Redis cannot be used, by what its client has thrown: phpredis and Predis have no codes for it. Redis itself begins its errors with
 * one, such as NOAUTH.
 */
final readonly class RedisFault
{
    /** By the kind of address: the variables of the hosts and of the password. */
    private const VARIABLES = [
        'single' => [['REDIS_HOST', 'REDIS_PORT'], 'REDIS_PASSWORD'],
        'sentinels' => [['REVURB_REDIS_SENTINELS'], 'REVURB_REDIS_SENTINEL_PASSWORD'],
        'cluster' => [['REVURB_REDIS_CLUSTER'], 'REDIS_PASSWORD'],
    ];

    /** By the TLS option that a connection takes: the variable of scaling, and a value to replace. */
    private const TLS = [
        'cafile' => ['REVURB_REDIS_CAFILE', '/path/to/ca.pem'],
        'local_cert' => ['REVURB_REDIS_CERT', '/path/to/client.pem'],
        'local_pk' => ['REVURB_REDIS_KEY', '/path/to/client.key'],
        'peer_name' => ['REVURB_REDIS_PEER_NAME', 'name-in-its-certificate'],
    ];

    public function __construct(
        private DoctorContext $context,
        private Repository $config,
    ) {}

    /**
     * @param  'single'|'sentinels'|'cluster'  $kind
     * @param  string|null  $connection  of Laravel; null for that of scaling
     */
    public function result(Throwable $exception, string $where, string $kind, ?string $connection): CheckResult
    {
        $message = self::line($exception);
        [$hosts, $password] = self::VARIABLES[$kind];

        return match (true) {
            str_contains($message, 'not found') || str_contains($message, 'extension') => CheckResult::problem(Code::RedisClientMissing, $where, $message, $this->install()),
            preg_match('/NOAUTH|WRONGPASS|AUTH/', $message) === 1 => CheckResult::problem(Code::RedisLogin, $where, $message, $this->context->env->place($password)),
            preg_match('/\bSSL\b(?!: Handshake timed out)|certificate|cafile|private key|Path cannot be empty/', $message) === 1 => $this->certificate($message, $where, $connection),
            default => CheckResult::problem(Code::RedisUnreachable, $where, $message, "Start Redis on {$where}; or ".implode(' and ', array_map($this->context->env->place(...), $hosts))),
        };
    }

    /** How this PHP gets a client of Redis. */
    private function install(): string
    {
        $package = 'composer require predis/predis';

        if ($this->client() === 'predis') {
            return $package;
        }

        $client = $this->context->env->place('REDIS_CLIENT');
        $change = $this->context->env->laravel('REDIS_CLIENT') === 'predis' ? "{$client}, which config/database.php must read" : "{$client}=predis";

        return "The PHP extension redis; or {$package}, and {$change}";
    }

    /** @param  string|null  $connection  as above */
    private function certificate(string $message, string $where, ?string $connection): CheckResult
    {
        $option = match (true) {
            str_contains($message, 'did not match') => 'peer_name',
            preg_match('/local cert|handshake failure|certificate required/', $message) === 1 => 'local_cert',
            str_contains($message, 'private key') => 'local_pk',
            default => 'cafile',
        };
        [$variable, $value] = self::TLS[$option];

        if ($connection === null) {
            return CheckResult::problem(Code::RedisCertificate, $where, $message, "{$this->context->env->place($variable)}={$value}");
        }

        $key = ($this->client() === 'predis' ? 'ssl' : 'context.stream').".{$option}";
        $fix = "config/database.php: redis.{$connection}.{$key} => '{$value}'";

        // Such as the value of a variable that is not set. PHP quotes names as `name'.
        return preg_match("/cannot be empty|`'/", $message) === 1
            ? CheckResult::problem(Code::RedisCertificate, $where, "{$key} is empty ({$message})", "{$fix}, or the variable that it reads")
            : CheckResult::problem(Code::RedisCertificate, $where, $message, $fix);
    }

    /** The message in one line; OpenSSL's part is on a line of its own. */
    private static function line(Throwable $exception): string
    {
        return strtok(str_replace("messages:\n", 'messages: ', $exception->getMessage()), "\n") ?: $exception::class;
    }

    /** The client that Laravel uses. */
    public function client(): string
    {
        $client = $this->config->get('database.redis.client');

        return is_string($client) && $client !== '' ? $client : 'phpredis';
    }
}
