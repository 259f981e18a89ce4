<?php

declare(strict_types=1);

namespace Revurb\Server;

/**
 * Stands in for a server that the operating system could not start: it has the reason as its only line of output, and has exited.
 */
final class EndedChild implements Child
{
    /** EX_OSERR of sysexits.h. */
    private const EXIT_CODE = 71;

    private bool $hasBeenRead = false;

    public function __construct(private readonly string $reason) {}

    public function wait(float $seconds): array
    {
        $lines = $this->hasBeenRead ? [] : [new Line($this->reason."\n", isError: true)];
        $this->hasBeenRead = true;

        return $lines;
    }

    public function exitCode(): ?int
    {
        return $this->hasBeenRead ? self::EXIT_CODE : null;
    }

    /** It has exited. */
    public function drain(): void {}

    /** It has exited. */
    public function kill(): void {}
}
