<?php

declare(strict_types=1);

namespace Revurb\Console;

use Closure;
use Psr\Log\LoggerInterface;
use Throwable;

/**
 * A log channel of the application, to which `reverb:start` copies its log.
 */
final class LogChannel
{
    private const LEVELS = ['debug' => 'debug', 'info' => 'info', 'warn' => 'warning', 'error' => 'error'];

    private ?LoggerInterface $logger = null;

    private bool $isFailing = false;

    /** @param  Closure(): LoggerInterface  $open */
    public function __construct(private readonly Closure $open) {}

    /**
     * A channel that fails loses the entry: the console still has it, and the sockets are worth more than the log.
     *
     * @param  array<array-key, mixed>  $entry  docs/bridge.md
     * @return string|null the reason, for the first entry of those that cannot be written
     */
    public function write(array $entry): ?string
    {
        $level = is_string($entry['level'] ?? null) ? $entry['level'] : '';
        $context = is_array($entry['context'] ?? null) ? $entry['context'] : [];

        try {
            // Opened once: Laravel writes an entry of its own for each attempt to open a channel that it cannot open.
            $this->logger ??= ($this->open)();
            $this->logger->log(
                self::LEVELS[$level] ?? 'info',
                is_string($entry['message'] ?? null) ? $entry['message'] : '',
                isset($entry['code']) ? ['code' => $entry['code'], ...$context] : $context,
            );
        } catch (Throwable $exception) {
            $isFirst = ! $this->isFailing;
            $this->isFailing = true;

            return $isFirst ? $exception->getMessage() : null;
        }

        $this->isFailing = false;

        return null;
    }
}
