<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * A listener of the application and a client that sends as much as it can: the supervisor has `memory_limit=128M`, and the sockets are
 * worth more than the events.
 */
final class EventPipeTest extends RealAppTestCase
{
    private const FLOOD_SECONDS = 2.0;

    private const SIGNATURE = 'the-key:5e1f5e1f5e1f5e1f';

    private function started(string $listener): Process
    {
        // So many messages would end the connection.
        $this->app->environment('REVURB_MAX_MESSAGES_PER_SECOND=0', 'REVURB_MAX_BYTES_PER_SECOND=0');
        $this->app->write('booted.php', "<?php Illuminate\\Support\\Facades\\Event::listen(Revurb\\Events\\MessageReceived::class, function (\$event) { {$listener} });");
        $start = $this->app->artisanWith(['-dmemory_limit=128M'], 'reverb:start');
        $this->app->waitFor($start, 'reverb:doctor');

        return $start;
    }

    /** Sends as fast as the server reads. */
    private function flood(string $text): void
    {
        $socket = websocket($this->app->port, 'the-key');
        stream_set_blocking($socket, false);
        $block = str_repeat("\x81\xfe".pack('n', strlen($text))."\0\0\0\0{$text}", 50);
        $until = hrtime(true) + self::FLOOD_SECONDS * 1e9;

        for ($rest = $block; hrtime(true) < $until; $rest = $rest === '' ? $block : $rest) {
            $rest = substr($rest, (int) fwrite($socket, $rest));
            fread($socket, 65_536);
        }
    }

    private function assertIdle(int $pid): void
    {
        $this->eventually(fn (): bool => $this->isIdle($pid), 'The supervisor is still busy.');
    }

    #[TestWith(['', 0])]
    #[TestWith(['usleep(10_000);', 0])]
    #[TestWith(['throw new RuntimeException("listener");', 20_000])]
    public function test_after_a_flood_the_supervisor_is_idle_and_a_signal_ends_it_at_once(string $listener, int $largestLog): void
    {
        $start = $this->started($listener);
        $this->flood('{"event":"pusher:subscribe","data":{"channel":"private-x","auth":"'.self::SIGNATURE.'"},"x":"'.str_repeat('x', 3000).'"}');
        $pid = (int) $start->getPid();
        $before = $this->processorSeconds($pid);
        $this->assertIdle($pid);
        // By the processor's clock, which other programs of the machine do not move.
        $this->assertLessThan(2.0, $this->processorSeconds($pid) - $before);
        $this->assertTrue($this->app->isUp());

        $begin = hrtime(true);
        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait(), $start->getOutput());
        $this->assertLessThan(10e9, hrtime(true) - $begin);
        $output = $start->getOutput().$start->getErrorOutput();
        $this->assertStringContainsString('Listeners were too slow: ', $output);
        $this->assertStringNotContainsString(self::SIGNATURE, $output);
        $this->assertLessThan(20_000, strlen($output));
        $this->assertLessThanOrEqual($largestLog, strlen($this->app->log()));
    }

    public function test_a_restart_does_not_wait_behind_the_events_of_a_slow_listener(): void
    {
        $start = $this->started('usleep(100_000);');
        $this->flood('{"event":"client-e","channel":"private-x","data":"'.str_repeat('x', 200).'"}');
        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
        $begin = hrtime(true);
        $this->app->waitFor($start, 'Restarting server on');
        // It looks for the flag every five seconds; for all of the events the listener takes 200.
        $this->assertLessThan(60e9, hrtime(true) - $begin);
        $this->app->waitFor($start, 'Restarted in');
    }

    public function test_an_event_that_is_too_large_is_counted_and_the_next_one_is_dispatched(): void
    {
        $this->app->environment('REVERB_APP_MAX_MESSAGE_SIZE=1000000');
        $start = $this->started('file_put_contents(__DIR__."/heard", strlen($event->message)."\n", FILE_APPEND);');
        $socket = websocket($this->app->port, 'the-key');

        foreach ([300_000, 250_000] as $bytes) {
            fwrite($socket, "\x81\xff".pack('J', $bytes)."\0\0\0\0".str_repeat('x', $bytes));
        }

        $this->eventually(fn (): bool => @file_get_contents("{$this->app->base}/heard") === "250000\n", 'The second message was not dispatched.');
        $this->assertStringContainsString('1 events of more than 256 KiB were not dispatched', $this->app->waitFor($start, 'events of more than'));
    }
}
