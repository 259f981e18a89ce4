<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Diagnosis;

/**
 * Whether the app of the browsers allows 0 connections: `(int) env('REVERB_APP_MAX_CONNECTIONS')` is 0 if that variable is not set, and
 * null, which is no limit, without the cast.
 */
final readonly class ZeroConnections
{
    private const VARIABLE = 'REVERB_APP_MAX_CONNECTIONS';

    public function __construct(
        private DoctorContext $context,
        private Application $app,
        private Diagnosis $diagnosis,
    ) {}

    public function result(): ?CheckResult
    {
        $key = $this->context->browsers->key ?? '';
        $connections = $this->context->appWith('key', $key)['max_connections'] ?? null;

        return is_numeric($connections) && (int) $connections === 0
            ? CheckResult::problem(Code::NoConnectionsAllowed, "app {$key}", 'No client can connect: max_connections is 0.', $this->fix())
            : null;
    }

    private function fix(): string
    {
        $env = $this->context->env;
        $value = $env->laravel(self::VARIABLE);
        [$number, $line] = $this->configLine();
        $isCast = preg_match('/\(\s*int(?:eger)?\s*\)|intval|->integer\(/i', $line) === 1;
        $place = $number === null ? 'config/reverb.php: apps.apps.*.max_connections' : "config/reverb.php:{$number}";

        return match (true) {
            $value !== null && ! $isCast => "{$env->place(self::VARIABLE)}= (without a value there is no limit)",
            $value !== null => "{$env->place(self::VARIABLE)}: the highest number of connections",
            $isCast || $number === null => "{$place} 'max_connections' => env('".self::VARIABLE."'), without a cast: null is no limit",
            default => "{$place} 'max_connections' => null is no limit",
        }.$this->diagnosis->thenRestart();
    }

    /** @return array{int|null, string} its number, from 1, and its text */
    private function configLine(): array
    {
        foreach (@file($this->app->configPath('reverb.php')) ?: [] as $i => $line) {
            if (preg_match('/[\'"]max_connections[\'"]\s*\]?\s*=/', $line) === 1) {
                return [$i + 1, $line];
            }
        }

        return [null, ''];
    }
}
