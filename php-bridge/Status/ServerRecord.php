<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * What a supervisor publishes about itself and its server; docs/bridge.md lists the fields. It contains no secret.
 */
final readonly class ServerRecord
{
    use ReadsFields {
        from as private fromFields;
    }

    public const STARTING = 'starting';

    public const READY = 'ready';

    public const DRAINING = 'draining';

    public const STOPPED = 'stopped';

    /**
     * @param  string  $id  the same after a restart
     * @param  string  $host  name of the machine
     * @param  string  $address  where it listens, host:port
     * @param  string  $directory  of the application, by the name that outlives a release
     * @param  string|null  $application  identifies the application among those that share a cache; null where there is no APP_KEY
     * @param  int  $pid  of the supervisor
     * @param  int  $since  when the supervisor was started, Unix time in seconds
     * @param  string  $run  another one for every process of a supervisor
     * @param  array<string, string|true>  $options  of reverb:start, which change the configuration
     * @param  RunningServer|null  $server  null while none listens
     * @param  int|null  $exit  the exit code, once it has stopped
     * @param  string|null  $reason  of a stop that was not requested
     * @param  int  $seen  when this was published, Unix time in seconds
     */
    public function __construct(
        public string $id,
        public string $host,
        public string $address,
        public string $directory,
        public ?string $application,
        public int $pid,
        public int $since,
        public string $run,
        public array $options = [],
        public string $state = self::STARTING,
        public ?RunningServer $server = null,
        public ?LastRestart $restart = null,
        public Crashes $crashes = new Crashes,
        public ?int $exit = null,
        public ?string $reason = null,
        public int $seen = 0,
    ) {}

    /** The id of every server that listens on that address, whatever its release. */
    public static function idOf(string $host, string $address): string
    {
        return substr(hash('sha256', "{$host}|{$address}"), 0, 16);
    }

    /** Null if the fields are no record. */
    public static function from(mixed $fields): ?self
    {
        return is_array($fields) ? self::fromFields([
            ...$fields,
            'options' => self::options($fields['options'] ?? null),
            'server' => RunningServer::from($fields['server'] ?? null),
            'restart' => LastRestart::from($fields['restart'] ?? null),
            'crashes' => Crashes::from($fields['crashes'] ?? null) ?? new Crashes,
        ]) : null;
    }

    /** @return array<string, string|true> */
    private static function options(mixed $options): array
    {
        $isOption = static fn (mixed $value, int|string $name): bool => is_string($name) && (is_string($value) || $value === true);

        return array_filter(is_array($options) ? $options : [], $isOption, ARRAY_FILTER_USE_BOTH);
    }

    /** @param  array<string, mixed>  $changes  by the names of the fields */
    public function with(array $changes): self
    {
        return new self(...[...get_object_vars($this), ...$changes]);
    }

    /** @return array<string, mixed> */
    public function toArray(): array
    {
        return (array) json_decode($this->toJson(), true);
    }

    public function toJson(): string
    {
        // Options are an object in JSON, also if there are none.
        return (string) json_encode([...get_object_vars($this), 'options' => (object) $this->options], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION);
    }

    /** The name for output: machine and address. */
    public function name(): string
    {
        return "{$this->host} {$this->address}";
    }
}
