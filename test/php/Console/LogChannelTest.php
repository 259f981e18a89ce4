<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use PHPUnit\Framework\TestCase;
use Psr\Log\AbstractLogger;
use Psr\Log\LoggerInterface;
use Revurb\Console\LogChannel;
use Revurb\Tests\Support\FakeClock;
use RuntimeException;
use Stringable;

final class LogChannelTest extends TestCase
{
    private bool $isBroken = false;

    private int $opened = 0;

    private float $secondsToWrite = 0.0;

    private FakeClock $clock;

    /** @var list<array{mixed, string, array<array-key, mixed>}> */
    private array $written = [];

    private function channel(): LogChannel
    {
        return new LogChannel($this->clock = new FakeClock, function (): LoggerInterface {
            $this->opened++;

            return new class(function (mixed $level, string $message, array $context): void {
                $this->clock->now += $this->secondsToWrite;
                $this->written[] = $this->isBroken ? throw new RuntimeException('The disk is full') : [$level, $message, $context];
            }) extends AbstractLogger
            {

                public function __construct(private readonly \Closure $write) {}

                /** @param  array<array-key, mixed>  $context */
                public function log($level, string|Stringable $message, array $context = []): void
                {
                    ($this->write)($level, (string) $message, $context);
                }
            };
        });
    }

    public function test_levels_are_those_of_laravel_and_the_code_is_in_the_context(): void
    {
        $channel = $this->channel();

        foreach (['debug', 'info', 'warn', 'error', 'nonsense'] as $level) {
            $this->assertNull($channel->write(['level' => $level, 'message' => 'm']));
        }

        $channel->write(['level' => 'warn', 'code' => 'a-code', 'message' => 'm', 'context' => ['app' => '1']]);
        $channel->write([]);

        $this->assertSame([
            ['debug', 'm', []], ['info', 'm', []], ['warning', 'm', []], ['error', 'm', []], ['info', 'm', []],
            ['warning', 'm', ['code' => 'a-code', 'app' => '1']],
            ['info', '', []],
        ], $this->written);
        $this->assertSame(1, $this->opened);
    }

    public function test_a_failure_is_reported_once_until_an_entry_is_written_again(): void
    {
        $channel = $this->channel();
        $write = function (bool $isBroken) use ($channel): ?string {
            $this->isBroken = $isBroken;

            return $channel->write(['message' => 'm']);
        };

        $this->assertSame(
            [null, 'The disk is full', null, null, 'The disk is full'],
            array_map($write, [false, true, true, false, true]),
        );
    }

    public function test_a_channel_that_fails_slowly_is_used_for_a_fifth_of_the_time(): void
    {
        $channel = $this->channel();
        $this->isBroken = true;
        $this->secondsToWrite = 10.0;
        $this->assertSame('The disk is full', $channel->write(['message' => 'one']));
        $this->isBroken = false;
        $this->secondsToWrite = 0.0;

        $this->clock->now += 39;
        $this->assertNull($channel->write(['message' => 'two']));
        $this->clock->now += 1;
        $this->assertNull($channel->write(['message' => 'three']));

        $this->assertSame(['three'], array_column($this->written, 1));
    }
}
