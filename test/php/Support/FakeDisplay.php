<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Process\Display;
use Revurb\Process\Line;

final class FakeDisplay implements Display
{
    /** @var list<string> */
    public array $said = [];

    public function ready(string $host, int $port, bool $isSecure): void
    {
        $this->said[] = "ready {$host}:{$port}".($isSecure ? ' secure' : '');
    }

    public function log(array $entry): void
    {
        $this->said[] = 'log '.(is_string($entry['message'] ?? null) ? $entry['message'] : throw new \UnexpectedValueException('a log without a message'));
    }

    public function passOn(Line $line): void
    {
        $this->said[] = 'raw '.$line->text;
    }

    public function info(string $sentence): void
    {
        $this->said[] = "info {$sentence}";
    }

    public function warn(string $sentence): void
    {
        $this->said[] = "warn {$sentence}";
    }

    public function error(string $sentence): void
    {
        $this->said[] = "error {$sentence}";
    }

    public function has(string $part): bool
    {
        return str_contains(implode("\n", $this->said), $part);
    }
}
