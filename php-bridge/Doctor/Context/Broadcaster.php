<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use Illuminate\Foundation\Application;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;

/**
 * Whether Laravel's default connection publishes to this server, elsewhere or nowhere.
 */
final readonly class Broadcaster
{
    private const LARAVELS = ['reverb', 'pusher', 'ably', 'redis', 'log', 'null'];

    private const VARIABLE = 'BROADCAST_CONNECTION';

    /** The name of the variable in applications that were created with Laravel 10 or older. */
    private const FORMER_VARIABLE = 'BROADCAST_DRIVER';

    public function __construct(
        private Connections $connections,
        private Application $app,
    ) {}

    public function fault(DoctorContext $context, Publisher $publisher): ?CheckResult
    {
        $name = $this->connections->nameOfDefault();
        $driver = $this->connections->driverOf($name);

        if ($name === $publisher->connection) {
            return null;
        }

        $isOwn = $driver !== '' && ! in_array($driver, self::LARAVELS, true);
        $fix = $this->fix($context, $publisher->connection);

        return $isOwn
            ? CheckResult::warning(Code::BroadcasterUnknown, 'broadcasting.default', "Laravel broadcasts through \"{$name}\", whose driver \"{$driver}\" is not one of Laravel's own: whether it publishes to this server is not known.", $fix)
            : CheckResult::problem(Code::BroadcastsElsewhere, 'broadcasting.default', self::sentence($name, $driver).', so that no event reaches the server.', $fix);
    }

    private static function sentence(string $name, string $driver): string
    {
        return match (true) {
            $name === '' || $name === 'null' => 'No connection is set',
            $driver === '' => "The connection \"{$name}\" is not in config/broadcasting.php",
            $driver === 'log' => "The connection \"{$name}\" writes events into the log",
            $driver === 'null' => "The connection \"{$name}\" drops every event",
            default => "The connection \"{$name}\" publishes elsewhere (driver \"{$driver}\")",
        };
    }

    private function fix(DoctorContext $context, string $wanted): string
    {
        $variable = $this->variable();

        return match (true) {
            $context->env->laravel($variable) !== $wanted => $context->env->change($variable, $wanted),
            // The line in .env is right already, but the configuration is not read from it.
            $this->app->configurationIsCached() => 'php artisan config:cache',
            default => "config/broadcasting.php: 'default' => env('{$variable}', 'null')",
        };
    }

    private function variable(): string
    {
        $config = (string) @file_get_contents($this->app->configPath('broadcasting.php'));

        return str_contains($config, self::FORMER_VARIABLE) && ! str_contains($config, self::VARIABLE) ? self::FORMER_VARIABLE : self::VARIABLE;
    }
}
