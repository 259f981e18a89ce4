<?php

declare(strict_types=1);

namespace Revurb\Apps;

use RuntimeException;
use Throwable;

/**
 * The application's source of apps has thrown. The message is one sentence for the console; the exception of the source is the previous
 * one.
 */
final class UnreadableApps extends RuntimeException
{
    /** @param  object  $source  the source that has thrown */
    public static function listed(object $source, Throwable $failure): self
    {
        return new self(get_debug_type($source), $failure);
    }

    /**
     * The source could not be created. If its own constructor failed, its class is in the trace.
     *
     * @param  string  $interface  the interface of sources
     */
    public static function resolved(string $interface, Throwable $failure): self
    {
        $classes = array_filter(array_column($failure->getTrace(), 'class'), static fn (string $class): bool => is_a($class, $interface, true));

        return new self(end($classes) ?: $interface, $failure);
    }

    private function __construct(string $class, Throwable $failure)
    {
        $message = trim((string) preg_replace('/\s+/', ' ', $failure->getMessage()), ' .') ?: $failure::class;
        $place = basename($failure->getFile()).':'.$failure->getLine();

        parent::__construct("The apps cannot be read, because {$class} failed: {$message} ({$place}).", previous: $failure);
    }
}
