<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * The log of the supervisor and of the server that it runs. Texts of the server may come from anybody, so they are to be shown as
 * they are and never as markup.
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

    /**
     * Writes what a console that is not read has not taken yet, as far as that is possible without waiting.
     *
     * @return bool whether it has taken all
     */
    public function flush(): bool;

    /** The same, with a short wait: this process ends, or becomes another one. */
    public function finish(): void;

    /** Output of the server process that is not in the contract of docs/bridge.md, such as a stack trace on stderr. */
    public function passThrough(Line $line): void;

    /**
     * @param  string|null  $code  by which programs recognise the line, in kebab case; the sentence may change
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
