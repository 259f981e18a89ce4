<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;
use Revurb\Server\Line;
use Revurb\Server\PipedChild;

/**
 * A child that plays a script: each wait takes one step, which gives lines, does something, or ends it.
 */
final class FakeChild implements PipedChild
{
    /** @var list<string> */
    public array $written = [];

    /** @var list<string> */
    public array $asked = [];

    private ?int $exitCode = null;

    /**
     * @param  list<int|string|Line|array<string, mixed>|Closure(self): mixed>  $steps  an exit code, a raw line, a line of JSON, or anything
     */
    public function __construct(
        private readonly FakeClock $clock,
        private array $steps,
        private readonly bool $obeys = true,
    ) {}

    public function wait(float $seconds): array
    {
        $step = array_shift($this->steps);

        if ($step === null) {
            $this->clock->now += $seconds;
        } elseif (is_int($step)) {
            $this->exitCode = $step;
        } elseif ($step instanceof Closure) {
            $step($this);
        } elseif ($step instanceof Line) {
            return [$step];
        } else {
            return [new Line(is_string($step) ? $step : json_encode($step, JSON_THROW_ON_ERROR))];
        }

        return [];
    }

    public function exitCode(): ?int
    {
        return $this->exitCode;
    }

    public function write(string $line): bool
    {
        $this->written[] = $line;

        return true;
    }

    public function drain(): void
    {
        $this->asked[] = 'drain';

        if ($this->obeys) {
            $this->steps[] = 0;
        }
    }

    public function handOver(string $socket): int
    {
        $this->asked[] = 'handOver';

        return 4711;
    }

    public function kill(): void
    {
        $this->asked[] = 'kill';
        $this->steps = [137];
    }
}
