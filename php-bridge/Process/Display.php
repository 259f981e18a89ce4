<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * Where the supervisor says what happens. Texts of the child's may come from anybody, so they are to be shown as they
 * are and never as markup.
 */
interface Display
{
    /** The server listens. */
    public function ready(string $host, int $port, bool $isSecure): void;

    /**
     * A log line of the server's.
     *
     * @param  array<array-key, mixed>  $entry
     */
    public function log(array $entry): void;

    /** Output that nobody foresaw. */
    public function passOn(Line $line): void;

    public function info(string $sentence): void;

    public function warn(string $sentence): void;

    public function error(string $sentence): void;
}
