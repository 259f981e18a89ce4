<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Revurb\Output\Display;
use Revurb\Server\Line;

final class FakeDisplay implements Display
{
    /** @var list<string> */
    public array $lines = [];

    /** @var list<string> of the supervisor's own lines */
    public array $codes = [];

    public int $flushes = 0;

    public ?Closure $whenFlushing = null;

    public function ready(string $host, int $port, bool $isSecure): void
    {
        $this->lines[] = "ready {$host}:{$port}".($isSecure ? ' secure' : '');
    }

    public function log(array $entry): void
    {
        $this->lines[] = 'log '.(is_string($entry['message'] ?? null) ? $entry['message'] : throw new \UnexpectedValueException('a log without a message'));
    }

    public function flush(): bool
    {
        $this->flushes++;
        $this->whenFlushing?->__invoke();

        return true;
    }

    public function finish(): void {}

    public function passThrough(Line $line): void
    {
        $this->lines[] = 'raw '.$line->text;
    }

    public function info(string $sentence, ?string $code = null, array $context = []): void
    {
        $this->note('info', $sentence, $code);
    }

    public function warn(string $sentence, ?string $code = null, array $context = []): void
    {
        $this->note('warn', $sentence, $code);
    }

    public function error(string $sentence, ?string $code = null, array $context = []): void
    {
        $this->note('error', $sentence, $code);
    }

    private function note(string $level, string $sentence, ?string $code): void
    {
        $this->lines[] = "{$level} {$sentence}";

        if ($code !== null) {
            $this->codes[] = $code;
        }
    }

    public function has(string $part): bool
    {
        return str_contains(implode("\n", $this->lines), $part);
    }
}
