<?php

declare(strict_types=1);

namespace Revurb\Console;

use Closure;
use Psr\Log\LoggerInterface;
use Revurb\System\BoundedAttempts;
use Revurb\System\Clock;
use Revurb\System\Signals;
use Throwable;

/**
 * A log channel of the application, to which `reverb:start` copies its log.
 */
final class LogChannel
{
    private const LEVELS = ['debug' => 'debug', 'info' => 'info', 'warn' => 'warning', 'error' => 'error'];

    private ?LoggerInterface $logger = null;

    private bool $isFailing = false;

    private readonly BoundedAttempts $attempts;

    /** @param  Closure(): LoggerInterface  $open */
    public function __construct(
        Clock $clock,
        private readonly Closure $open,
    ) {
        $this->attempts = new BoundedAttempts($clock);
    }

    /**
     * Writes an entry. If the channel fails, the entry is lost: the console still has it, and the server must not wait for the log.
     *
     * @param  array<array-key, mixed>  $entry  docs/bridge.md
     * @return string|null the reason, for the first entry of those that cannot be written
     */
    public function write(array $entry): ?string
    {
        if (! $this->attempts->isDue()) {
            return null;
        }

        try {
            Signals::interrupting(fn () => $this->attempts->run(fn () => $this->log($entry)));
        } catch (Throwable $exception) {
            $isFirst = ! $this->isFailing;
            $this->isFailing = true;

            return $isFirst ? $exception->getMessage() : null;
        }

        $this->isFailing = false;

        return null;
    }

    /** @param  array<array-key, mixed>  $entry */
    private function log(array $entry): void
    {
        $level = is_string($entry['level'] ?? null) ? $entry['level'] : '';
        $context = is_array($entry['context'] ?? null) ? $entry['context'] : [];

        // The channel is opened once: Laravel logs an entry of its own for each failed attempt to open it.
        $this->logger ??= ($this->open)();
        $this->logger->log(
            self::LEVELS[$level] ?? 'info',
            is_string($entry['message'] ?? null) ? $entry['message'] : '',
            isset($entry['code']) ? ['code' => $entry['code'], ...$context] : $context,
        );
    }
}
