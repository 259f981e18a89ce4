<?php

declare(strict_types=1);

namespace Revurb\Apps;

use RuntimeException;
use Throwable;

/**
 * The class of an application that knows its apps has failed. The message is one sentence for the console; the failure
 * itself is the previous exception.
 */
final class UnreadableApps extends RuntimeException
{
    /** @param  object  $source  that could not list the apps */
    public static function asked(object $source, Throwable $failure): self
    {
        return new self(get_debug_type($source), $failure);
    }

    /**
     * The object could not even be made. Where its own constructor failed, its class is in the trace.
     *
     * @param  string  $interface  of such classes
     */
    public static function made(string $interface, Throwable $failure): self
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
