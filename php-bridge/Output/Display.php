<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\Server\Line;

/**
 * Where the supervisor writes its log and that of the server. Texts of the server may come from clients, so they are shown as plain text
 * and never as markup.
 */
interface Display
{
    /** Reports that the server listens. */
    public function ready(string $host, int $port, bool $isSecure): void;

    /**
     * Writes a log line of the server.
     *
     * @param  array<array-key, mixed>  $entry
     */
    public function log(array $entry): void;

    /**
     * Writes what a slow console has not accepted yet, as far as that is possible without waiting.
     *
     * @return bool whether everything is written
     */
    public function flush(): bool;

    /** Does the same with a short wait, before this process exits or replaces itself. */
    public function finish(): void;

    /** Output of the server process that is not in the contract of docs/bridge.md, such as a stack trace on stderr. */
    public function passThrough(Line $line): void;

    /**
     * @param  string|null  $code  a stable name of the line in kebab case, for programs; the sentence may change
     * @param  array<string, mixed>  $context
     */
    public function info(string $sentence, ?string $code = null, array $context = []): void;

    /**
     * @param  string|null  $code  as above
     * @param  array<string, mixed>  $context
     */
    public function warn(string $sentence, ?string $code = null, array $context = []): void;

    /**
     * @param  string|null  $code  as above
     * @param  array<string, mixed>  $context
     */
    public function error(string $sentence, ?string $code = null, array $context = []): void;
}
