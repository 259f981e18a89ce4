<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Illuminate\Support\Arr;
use JsonException;

/**
 * The document with the configuration of a server, which it reads at its start; docs/bridge.md describes it. It contains secrets: see
 * `masked()`.
 */
final readonly class Document
{
    public const VERSION = 1;

    private const MASK = '********';

    /** Keys of config/reverb.php, by paths in the document that are not those of a setting. */
    private const PLACES = [
        '/^apps\b/' => 'apps.apps',
        '/^scaling\b/' => 'servers.reverb.scaling',
        '/^server\.tls\b/' => 'servers.reverb.options.tls',
    ];

    /**
     * @param  array{version: int, debug: bool, events: list<string>, acknowledges_events?: bool, server: array<string, mixed>, scaling: array<string, mixed>, apps: list<array<string, mixed>>, hand_over?: array{address: string, peer: string}, restart?: array{key: string, server: array<string, mixed>}}  $content
     */
    public function __construct(public array $content) {}

    /**
     * The document for a server that takes over the port of the running one.
     *
     * @param  string  $address  the address of the running server, host:port
     * @param  string  $socket  the Unix socket on which that server waits for this one
     */
    public function handingOver(string $address, string $socket): self
    {
        return new self([...$this->content, 'hand_over' => ['address' => $address, 'peer' => $socket]]);
    }

    /**
     * The document for a server without a supervisor, which watches the restart flag itself.
     *
     * @param  array{key: string, server: array<string, mixed>}|null  $flag  where the server can read it
     */
    public function watching(?array $flag): self
    {
        return $flag === null ? $this : new self([...$this->content, 'restart' => $flag]);
    }

    /** The document for output, with its secrets masked. */
    public function masked(): self
    {
        $content = $this->content;
        $content['apps'] = array_map(fn (array $app): array => $this->mask($app, 'secret'), $content['apps']);
        $content['scaling'] = $this->mask($content['scaling'], 'secret');

        if (is_array($content['server']['tls'] ?? null)) {
            $content['server']['tls'] = $this->mask($content['server']['tls'], 'passphrase');
        }

        if (is_array($content['scaling']['server'] ?? null)) {
            $content['scaling']['server'] = $this->maskRedis($content['scaling']['server']);
        }

        if (isset($content['restart'])) {
            $content['restart']['server'] = $this->maskRedis($content['restart']['server']);
        }

        return new self($content);
    }

    /** @return list<string> every text that `masked` replaces */
    public function secrets(): array
    {
        return self::maskedTexts($this->content, $this->masked()->content);
    }

    /**
     * The document as one line, without a line end.
     *
     * @throws JsonException where a value is not UTF-8, or no text at all; the message names its key in config/reverb.php
     */
    public function toJson(int $flags = 0): string
    {
        try {
            return self::encode($this->content, $flags);
        } catch (JsonException $exception) {
            throw new JsonException($this->firstFault() ?? $exception->getMessage(), $exception->getCode(), $exception);
        }
    }

    /** Seconds for which the server drains when it stops; a supervisor waits longer than that before it kills the server. */
    public function drainSeconds(): float
    {
        $seconds = $this->content['server']['drain_seconds'] ?? null;

        return match (true) {
            $seconds === false => 0.0,
            is_numeric($seconds) => max(0.0, (float) $seconds),
            default => (float) Schema::DEFAULTS['servers.reverb.revurb.drain_seconds'],
        };
    }

    /** The file of the server's certificate, wherever it was found; null for plain HTTP. */
    public function certificate(): ?string
    {
        $file = $this->content['server']['tls']['local_cert'] ?? null;

        return is_string($file) ? $file : null;
    }

    /**
     * A setting of the server as text; its default, or nothing, if it is absent.
     *
     * @param  value-of<Schema::SERVER>|value-of<Schema::REVURB>  $name
     */
    public function serverText(string $name): string
    {
        $value = $this->content['server'][$name] ?? null;

        return (string) (is_scalar($value) ? $value : Schema::DEFAULTS[Schema::PLACES["server.{$name}"]] ?? '');
    }

    /**
     * @param  array<array-key, mixed>  $content
     * @param  array<array-key, mixed>  $masked
     * @return list<string>
     */
    private static function maskedTexts(array $content, array $masked): array
    {
        $texts = [];

        foreach ($content as $key => $value) {
            if (is_array($value) && is_array($masked[$key])) {
                $texts = [...$texts, ...self::maskedTexts($value, $masked[$key])];
            } elseif (is_scalar($value) && $value !== $masked[$key]) {
                $texts[] = (string) $value;
            }
        }

        return $texts;
    }

    /** @throws JsonException */
    private static function encode(mixed $value, int $flags = 0): string
    {
        return json_encode($value, $flags | JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }

    private function firstFault(): ?string
    {
        foreach (Arr::dot($this->content) as $path => $value) {
            try {
                self::encode($value);
            } catch (JsonException $exception) {
                $place = Schema::PLACES[$path] ?? preg_replace(array_keys(self::PLACES), array_values(self::PLACES), (string) $path);

                return "{$place}, or its variable in .env: {$exception->getMessage()}";
            }
        }

        return null;
    }

    /**
     * @template TKey of array-key
     *
     * @param  array<TKey, mixed>  $server
     * @return array<TKey, mixed>
     */
    private function maskRedis(array $server): array
    {
        $server = array_map(fn (mixed $value): mixed => is_array($value) ? $this->mask($value, 'passphrase') : $value, $server);

        return $this->mask($server, 'password', 'sentinel_password');
    }

    /**
     * @template TKey of array-key
     *
     * @param  array<TKey, mixed>  $values
     * @return array<TKey, mixed>
     */
    private function mask(array $values, string ...$keys): array
    {
        foreach ($values as $key => $value) {
            if ($value !== null && in_array($key, $keys, true)) {
                $values[$key] = self::MASK;
            }
        }

        return $values;
    }
}
