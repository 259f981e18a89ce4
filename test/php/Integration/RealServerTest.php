<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * The whole way: artisan, supervisor, Bun, sockets.
 */
final class RealServerTest extends RealAppTestCase
{
    public function test_the_server_serves_and_drains_on_sigterm(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $this->assertTrue($this->app->isUp());
        $server = $this->app->serverOf($start);

        $start->signal(SIGTERM);
        $start->wait();

        $this->assertSame(0, $start->getExitCode(), $start->getOutput());
        $this->assertStringContainsString('Gracefully terminating connections.', $start->getOutput());
        $this->assertFalse($this->app->isUp());
        $this->assertFalse(posix_kill($server, 0));
    }

    public function test_a_signal_to_the_whole_group_drains_too(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);

        $start->signal(SIGINT);
        posix_kill($server, SIGINT);
        $start->wait();

        $this->assertSame(0, $start->getExitCode(), $start->getOutput());
    }

    public function test_no_secret_can_be_seen_from_outside(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);

        $seen = file_get_contents("/proc/{$server}/environ").file_get_contents("/proc/{$server}/cmdline");

        $this->assertStringNotContainsString('the-secret', $seen);
        $this->assertStringNotContainsString('REVERB_', $seen);
        $this->assertStringContainsString("HOME={$this->app->base}", $seen);
        $this->assertNotSame($this->app->base, readlink("/proc/{$server}/cwd"));
    }

    public function test_a_port_in_use_is_one_sentence_and_not_retried(): void
    {
        $socket = stream_socket_server("tcp://127.0.0.1:{$this->app->port}");
        $this->assertNotFalse($socket);

        $start = $this->app->artisan('reverb:start');
        $start->wait();
        fclose($socket);

        $this->assertSame(1, $start->getExitCode(), $start->getOutput());
        $this->assertSame(1, substr_count($start->getOutput(), 'ERROR'), $start->getOutput());
        $this->assertMatchesRegularExpression("/ERROR .* {$this->app->port} .* 127\.0\.0\.1 .* ".getmypid().'\b/', $start->getOutput());
        $this->assertStringNotContainsString('Starting', $start->getOutput());
    }

    public function test_a_wrong_configuration_ends_with_78(): void
    {
        $start = $this->app->artisan('reverb:start', '--port=70000');
        $start->wait();

        $this->assertSame(78, $start->getExitCode(), $start->getOutput());
        $this->assertStringContainsString('servers.reverb.port (REVERB_SERVER_PORT, --port)', $start->getOutput());
        $this->assertStringContainsString('The configuration is not valid', $start->getOutput());
        $this->assertStringNotContainsString('the-secret', $start->getOutput());
    }

    #[TestWith(['http://0.0.0.0'])]
    #[TestWith(['127.0.0.1:8080'])]
    #[TestWith(['nosuch.invalid'])]
    #[TestWith(['192.0.2.1'])]
    public function test_an_invalid_host_is_one_sentence_of_start_and_check(string $host): void
    {
        $this->app->replaceEnvironment('REVERB_SERVER_HOST', $host);

        foreach ([[], ['--check']] as $options) {
            $start = $this->app->artisan('reverb:start', ...$options);
            $start->wait();
            $output = $start->getOutput().$start->getErrorOutput();

            $this->assertSame(1, $start->getExitCode(), $output);
            $this->assertMatchesRegularExpression('/servers\.reverb\.host \(REVERB_SERVER_HOST, --host\) .*"'.preg_quote($host, '/').'"/', $output);
            $this->assertStringNotContainsString('Starting', $output);
        }
    }

    #[TestWith(['[::]', '[::]', '127.0.0.1'])]
    #[TestWith(['[::1]', '[::1]', '[::1]'])]
    #[TestWith(['localhost', '127.0.0.1', '127.0.0.1'])]
    public function test_common_spellings_of_hosts_survive_a_restart(string $host, string $banner, string $reached): void
    {
        $this->app->replaceEnvironment('REVERB_SERVER_HOST', $host);
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, "Starting server on {$banner}:{$this->app->port}");
        $this->assertStringContainsString('OK', (string) file_get_contents("http://{$reached}:{$this->app->port}/up"));

        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
        $this->app->waitFor($start, "Starting server on {$banner}:{$this->app->port}", times: 2);
        $this->assertStringContainsString('OK', (string) file_get_contents("http://{$reached}:{$this->app->port}/up"));
    }

    public function test_an_expired_certificate_of_valet_is_reported_and_used(): void
    {
        $this->app->environment('REVERB_HOST=chat.test');
        $folder = "{$this->app->base}/.config/valet/Certificates";
        mkdir($folder, recursive: true);
        (new Process(['openssl', 'req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=chat.test', '-keyout', 'chat.test.key', '-out', 'request.pem'], $folder))->mustRun();
        (new Process(['openssl', 'x509', '-req', '-in', 'request.pem', '-signkey', 'chat.test.key', '-days', '-1', '-out', 'chat.test.crt'], $folder))->mustRun();
        $sentence = "#WARN .* {$folder}/chat\\.test\\.crt, .* ".gmdate('Y-m-d', time() - 86_400).'#';

        $check = $this->app->artisan('reverb:start', '--check');
        $this->assertSame(0, $check->wait());
        $this->assertMatchesRegularExpression($sentence, $check->getOutput().$check->getErrorOutput());

        $start = $this->app->artisan('reverb:start');
        $output = $this->app->waitFor($start, 'Starting secure server on 127.0.0.1');
        $this->assertMatchesRegularExpression($sentence, $output);
    }

    public function test_a_crash_is_followed_by_a_new_server(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());

        posix_kill($this->app->serverOf($start), SIGKILL);

        $output = $this->app->waitFor($start, $this->banner(), times: 2);
        $this->assertStringContainsString('The server crashed (exit code 137); it is started again now.', $output);
        $this->assertTrue($this->app->isUp());
    }

    public function test_a_killed_supervisor_leaves_no_orphan(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);

        $start->signal(SIGKILL);

        $this->eventually(fn (): bool => ! $this->app->isUp() && ! $this->isAlive($server), 'The server outlived its parent.');
    }

    public function test_a_second_server_on_the_same_port_fails(): void
    {
        $first = $this->app->artisan('reverb:start');
        $this->app->waitFor($first, $this->banner());

        $second = $this->app->artisan('reverb:start');
        $second->wait();

        $this->assertSame(1, $second->getExitCode(), $second->getOutput());
        $this->assertMatchesRegularExpression("/ERROR .* {$this->app->port} .* 127\.0\.0\.1 .* {$this->app->serverOf($first)}\b/", $second->getOutput());
        $this->assertTrue($this->app->isUp());
    }

    public function test_a_second_signal_kills_a_hanging_server(): void
    {
        $this->app->replaceEnvironment('REVURB_DRAIN_SECONDS', '3600');
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);
        posix_kill($server, SIGSTOP);

        $start->signal(SIGTERM);
        $this->app->waitFor($start, 'Gracefully terminating connections.');
        $start->signal(SIGTERM);
        $start->wait();

        $this->assertSame(137, $start->getExitCode(), $start->getOutput());
        $this->assertFalse($this->isAlive($server));
        $this->assertFalse($this->app->isUp());
    }

    public function test_supervisor_and_server_that_are_killed_together_leave_the_port_free(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $server = $this->app->serverOf($start);

        posix_kill($server, SIGKILL);
        $start->signal(SIGKILL);
        $start->wait();

        $this->eventually(fn (): bool => ! $this->isAlive($server), 'The server is still there.');
        $this->assertFalse($this->app->isUp());
        $again = $this->app->artisan('reverb:start');
        $this->app->waitFor($again, $this->banner());
        $this->assertTrue($this->app->isUp());
    }

    public function test_a_slow_listener_delays_no_client(): void
    {
        $this->app->write('booted.php', <<<'PHP'
            <?php
            Illuminate\Support\Facades\Event::listen(function (Revurb\Events\MessageReceived $event) {
                while (is_file(base_path('hold'))) {
                    usleep(1_000);
                    clearstatcache();
                }
            });
            PHP);
        $this->app->write('hold', '');
        $this->app->replaceEnvironment('REVURB_DRAIN_SECONDS', '0');
        // So many pings would end the connection.
        $this->app->environment('REVURB_MAX_MESSAGES_PER_SECOND=0');
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());
        $socket = websocket($this->app->port, 'the-key');

        // The first listener does not return before all of these are answered; 768 KiB of events wait for it, the others are dropped.
        for ($i = 1; $i <= 15_000; $i++) {
            send_text($socket, '{"event":"pusher:ping"}');
            $this->assertStringContainsString('pusher:pong', read_frame($socket), "Ping {$i} was not answered.");
        }

        unlink("{$this->app->base}/hold");
        $this->app->waitFor($start, 'Listeners were too slow');
    }

    public function test_listeners_receive_messages_can_answer_and_may_throw(): void
    {
        $this->app->write('booted.php', <<<'PHP'
            <?php
            Illuminate\Support\Facades\Event::listen(function (Revurb\Events\MessageReceived $event) {
                $event->socket->send('{"event":"answer"}');
                throw new RuntimeException('a listener of the app failed');
            });
            PHP);
        $start = $this->app->artisan('reverb:start', '--debug');
        $this->app->waitFor($start, $this->banner());

        $socket = websocket($this->app->port, 'the-key');
        send_text($socket, '{"event":"client-hello","data":"<fg=nosuch>"}');
        $frames = '';
        $this->eventually(function () use ($socket, &$frames): bool {
            return str_contains($frames, 'answer') || str_contains($frames .= read_frame($socket), 'answer');
        }, 'There was no answer.');

        $this->assertTrue($this->app->isUp());
        $this->eventually(fn (): bool => str_contains($this->app->log(), 'a listener of the app failed'), 'The failure was not reported.');
        $this->app->waitFor($start, '<fg=nosuch>');
    }

    public function test_a_supervisor_whose_server_is_idle_sleeps(): void
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());

        $this->eventually(fn (): bool => $this->isIdle((int) $start->getPid()), 'The supervisor is never idle.');
    }
}
