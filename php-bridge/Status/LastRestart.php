<?php

declare(strict_types=1);

namespace Revurb\Status;

/**
 * The last restart of a supervisor by `reverb:restart`, and its outcome.
 */
final readonly class LastRestart
{
    use ReadsFields;

    public const DONE = 'done';

    public const FAILED = 'failed';

    /** The restart is tried again in a few seconds. */
    public const POSTPONED = 'postponed';

    /**
     * @param  string  $flag  what `reverb:restart` has written
     * @param  float  $began  Unix time in seconds
     * @param  bool  $isHandOver  false: the server stops, and its process manager starts it again
     * @param  string|null  $outcome  null while it is in progress
     * @param  string|null  $reason  of a failure or a delay
     * @param  float|null  $seconds  how long it took
     * @param  int|null  $moved  connections that were sent from the old server to the new one; null where that is not known
     */
    public function __construct(
        public string $flag,
        public float $began,
        public bool $isHandOver,
        public ?string $outcome = null,
        public ?string $reason = null,
        public ?float $seconds = null,
        public ?int $moved = null,
    ) {}

    /** Whether the restart is still in progress. */
    public function isOpen(): bool
    {
        return $this->outcome === null || $this->outcome === self::POSTPONED;
    }

    /** Whether its server stops, or has stopped, and a process manager has to start it again. */
    public function awaitsProcessManager(): bool
    {
        return $this->outcome === null && ! $this->isHandOver;
    }

    /**
     * Whether the restart covers that flag. Flags grow, so the restart for a later flag has the code and the configuration of this one, or
     * newer.
     */
    public function covers(string $flag): bool
    {
        return (int) $this->flag >= (int) $flag;
    }

    public function postponed(string $reason): self
    {
        return new self($this->flag, $this->began, $this->isHandOver, self::POSTPONED, $reason);
    }

    /** @param  float  $now  Unix time in seconds */
    public function failed(string $reason, float $now): self
    {
        return new self($this->flag, $this->began, $this->isHandOver, self::FAILED, $reason, self::rounded($now - $this->began));
    }

    /** @param  float  $now  Unix time in seconds */
    public function done(?int $moved, float $now): self
    {
        return new self($this->flag, $this->began, $this->isHandOver, self::DONE, null, self::rounded($now - $this->began), $moved);
    }

    private static function rounded(float $seconds): float
    {
        return round(max(0.0, $seconds), 1);
    }
}
