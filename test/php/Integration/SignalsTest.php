<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\RealAppTestCase;

/**
 * Signals to a real supervisor with a real server, whatever became of its terminal.
 */
final class SignalsTest extends RealAppTestCase
{
    /** @var resource|null */
    private $process = null;

    protected function tearDown(): void
    {
        if ($this->process !== null && proc_get_status($this->process)['running']) {
            proc_terminate($this->process, SIGKILL);
        }

        parent::tearDown();
    }

    /**
     * @param  resource  $socket
     */
    private function closeCode($socket): int
    {
        while (($frame = fread($socket, 2)) !== false && strlen($frame) === 2) {
            $payload = (string) stream_get_contents($socket, ord($frame[1]));

            if ((ord($frame[0]) & 0x0F) === 8) {
                return ((array) unpack('n', substr($payload, 0, 2)))[1];
            }
        }

        return 0;
    }

    #[TestWith([SIGQUIT])]
    #[TestWith([SIGHUP])]
    public function test_sigquit_and_sighup_drain_the_server_as_sigterm_does(int $signal): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $socket = websocket($this->app->port, 'the-key');
        $start->signal($signal);

        $this->assertSame(1001, $this->closeCode($socket));
        $this->assertSame(0, $start->wait());
        $this->assertStringContainsString('Gracefully terminating connections.', $start->getOutput());
    }

    public function test_repeated_sighup_of_a_closed_terminal_drains_the_server(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $socket = websocket($this->app->port, 'the-key');
        $server = $this->app->serverOf($start);

        for ($i = 0; $i < 2; $i++) {
            posix_kill((int) $start->getPid(), SIGHUP);
            posix_kill($server, SIGHUP);
        }

        $this->assertSame(1001, $this->closeCode($socket));
        $this->assertSame(0, $start->wait());
    }

    public function test_under_nohup_a_closed_terminal_does_not_stop_the_server(): void
    {
        [, $pid] = $this->startWith(['/bin/sh', '-c', "trap '' HUP; exec \"\$@\"", 'sh'], ['file', "{$this->app->base}/output", 'w']);
        $this->eventually(fn (): bool => str_contains((string) file_get_contents("{$this->app->base}/output"), 'reverb:doctor'), 'It never started.');
        $server = (int) file_get_contents("/proc/{$pid}/task/{$pid}/children");
        posix_kill($server, SIGHUP);
        posix_kill($pid, SIGHUP);
        $this->assertTrue($this->app->isUp());
        posix_kill($pid, SIGTERM);
        $this->assertSame(0, $this->awaitEnd());
    }

    /** As in a container whose log driver has stopped reading: both streams lead to the same pipe. */
    public function test_an_unread_application_log_on_the_same_pipe_does_not_block_sigterm(): void
    {
        $this->app->replaceEnvironment('LOG_CHANNEL', 'stderr');
        $this->app->write('booted.php', '<?php Illuminate\Support\Facades\Event::listen(Revurb\Events\MessageReceived::class, function () { touch(base_path("thrown")); throw new RuntimeException(str_repeat("y", 100_000)); });');
        [$stdout, $pid] = $this->startWith([], ['pipe', 'w']);
        $this->eventually($this->app->isUp(...), 'It never started.');
        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"client-nothing","channel":"private-x"}');
        $this->eventually(fn (): bool => is_file("{$this->app->base}/thrown"), 'The listener was not called.');
        // It is blocked in the write of the exception.
        $this->eventually(function () use ($pid): bool {
            $before = $this->processorSeconds($pid);
            usleep(500_000);

            return $this->processorSeconds($pid) === $before;
        }, 'It never stood still.');
        posix_kill($pid, SIGTERM);
        $this->assertSame(0, $this->awaitEnd());
        $this->assertIsResource($stdout);
    }

    public function test_an_unread_log_blocks_neither_a_restart_nor_sigterm(): void
    {
        [$stdout, $pid] = $this->startWith([], ['pipe', 'w'], '--debug');
        $this->eventually($this->app->isUp(...), 'It never started.');
        $server = (int) file_get_contents("/proc/{$pid}/task/{$pid}/children");
        $socket = $this->fillLog();

        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
        $this->eventually(fn (): bool => ! $this->isAlive($server), 'It never restarted.');
        $this->assertTrue($this->app->isUp());
        $begin = hrtime(true);
        posix_kill($pid, SIGTERM);
        $this->assertSame(0, $this->awaitEnd());
        $this->assertLessThan(10e9, hrtime(true) - $begin);
        $this->assertIsResource($stdout);
    }

    public function test_a_reader_that_continues_gets_the_queue_and_the_number_of_dropped_lines(): void
    {
        [$stdout, $pid] = $this->startWith([], ['pipe', 'w'], '--debug');
        $this->assertIsResource($stdout);
        $this->eventually($this->app->isUp(...), 'It never started.');
        $socket = $this->fillLog();

        $output = '';
        stream_set_blocking($stdout, false);
        $this->eventually(function () use (&$output, $stdout): bool {
            $output .= stream_get_contents($stdout);

            return str_contains($output, 'Lines of the log were dropped: the terminal or the program that reads the log has stopped reading');
        }, 'The dropped lines were not reported.');
        $this->assertStringContainsString('Starting server on', $output);
        $this->assertGreaterThan(1_000_000, strlen($output));
        posix_kill($pid, SIGTERM);
        $this->assertSame(0, $this->awaitEnd());
    }

    /**
     * @param  list<string>  $before  a command that becomes the one behind it
     * @param  array{string, string}|array{string, string, string}  $stdout
     * @return array{resource|null, int} its stdout, which is not read, and its process id
     */
    private function startWith(array $before, array $stdout, string ...$options): array
    {
        $command = [...$before, '/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', PHP_BINARY, 'artisan', 'reverb:start', ...array_values($options)];
        $process = proc_open($command, [['file', '/dev/null', 'r'], $stdout, ['file', '/dev/null', 'w']], $pipes, $this->app->base, ['PATH' => '/usr/local/bin:/usr/bin:/bin', 'HOME' => $this->app->base, 'PWD' => $this->app->base]);
        $this->assertIsResource($process);
        $this->process = $process;

        return [$pipes[1] ?? null, proc_get_status($process)['pid']];
    }

    /**
     * Has the server log, with `--debug`, more than the pipe and the supervisor hold.
     *
     * @return resource the client, still connected
     */
    private function fillLog()
    {
        $socket = websocket($this->app->port, 'the-key');

        for ($i = 0; $i < 1500; $i++) {
            send_text($socket, '{"event":"client-nothing","channel":"private-x","data":"'.str_repeat('x', 2000).'"}');
            // Less than max_messages_per_second.
            usleep(600);
        }

        return $socket;
    }

    private function awaitEnd(): int
    {
        $code = null;
        $this->eventually(function () use (&$code): bool {
            $status = $this->process === null ? ['running' => false, 'exitcode' => -1] : proc_get_status($this->process);
            $code = $status['running'] ? null : $status['exitcode'];

            return $code !== null;
        }, 'It never ended.');
        $this->process = null;

        return (int) $code;
    }
}
