<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * `reverb:restart` with the real supervisor and the real server: what an operator lives with at a deployment.
 */
final class HandOverTest extends RealAppTestCase
{
    private function started(): Process
    {
        $start = $this->app->artisan('reverb:start');
        $this->app->waitFor($start, $this->banner());

        return $start;
    }

    private function restart(): void
    {
        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
    }

    public function test_the_new_server_listens_before_the_old_one_drains(): void
    {
        $start = $this->started();
        $supervisor = $start->getPid();
        $old = $this->app->serverOf($start);
        $socket = websocket($this->app->port, 'the-key');

        $this->restart();
        $this->app->waitFor($start, $this->banner(), times: 2);
        $this->assertTrue($this->app->isUp());
        $this->eventually(fn (): bool => count($this->childrenOf($start)) === 1, 'The old server stayed.');

        $this->assertSame(pack('n', 4200), substr($this->lastFrame($socket), 0, 2));
        $this->assertSame($supervisor, $start->getPid());
        $this->assertTrue($start->isRunning());
        $this->assertFalse($this->isAlive($old));
        $this->assertNotSame($old, $this->app->serverOf($start));
        $this->assertStringContainsString("Restarting server on 127.0.0.1:{$this->app->port}", $start->getOutput());

        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait());
        $this->assertFalse($this->app->isUp());
    }

    private function startedWithin(string ...$folders): Process
    {
        $all = implode(PATH_SEPARATOR, [$this->app->base, dirname(__DIR__, 3), sys_get_temp_dir(), '/tmp', ...$folders]);
        $start = $this->app->artisanWith(['-d', "open_basedir={$all}"], 'reverb:start');
        $this->app->waitFor($start, $this->banner());

        return $start;
    }

    /** The shell that closes descriptors is not in those folders. */
    public function test_a_restart_works_with_an_open_basedir_that_excludes_all_programs(): void
    {
        $start = $this->startedWithin('/proc');
        $supervisor = $start->getPid();

        $this->restart();
        $this->app->waitFor($start, $this->banner(), times: 2);
        $this->assertSame($supervisor, $start->getPid());

        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait());
    }

    public function test_with_an_open_basedir_that_excludes_proc_a_restart_stops_the_server(): void
    {
        $start = $this->startedWithin();
        $this->restart();

        $this->assertSame(0, $start->wait());
        $this->assertStringContainsString("Stopping server on 127.0.0.1:{$this->app->port}", $start->getOutput());
    }

    public function test_every_restart_applies_the_current_settings(): void
    {
        $start = $this->started();

        foreach (['second', 'third'] as $i => $key) {
            $this->app->replaceEnvironment('REVERB_APP_KEY', $key);
            $this->restart();
            $this->app->waitFor($start, $this->banner(), times: $i + 2);
            $this->eventually(fn (): bool => count($this->childrenOf($start)) === 1, 'The old server stayed.');
            $this->assertStringContainsString('connection_established', read_frame(open_websocket($this->app->port, $key)));
        }
    }

    public function test_invalid_settings_leave_the_server_running(): void
    {
        $start = $this->started();
        $old = $this->app->serverOf($start);
        $this->app->replaceEnvironment('REVERB_SERVER_PORT', '70000');

        $this->restart();
        $output = $this->app->waitFor($start, 'and the running one continues');

        $this->assertStringContainsString('servers.reverb.port (REVERB_SERVER_PORT, --port)', $output);
        $this->assertSame($old, $this->app->serverOf($start));
        $this->assertTrue($this->app->isUp());
    }

    public function test_a_release_that_does_not_boot_leaves_the_server_running(): void
    {
        $start = $this->started();
        $this->app->write('booted.php', '<?php throw new RuntimeException("this release is broken");');

        $this->assertNotSame(0, $this->app->artisan('reverb:restart')->wait());
        // The flag is seen at any moment from now on: by then the release has to be broken for the server alone.
        $this->app->write('booted.php', '<?php in_array("reverb:restart", $_SERVER["argv"], true) || throw new RuntimeException("this release is broken");');
        $this->restart();
        $output = $this->app->waitFor($start, 'and the running one continues');

        $this->assertStringContainsString('this release is broken', $output);
        $this->assertTrue($this->app->isUp());
    }

    public function test_an_unavailable_port_leaves_the_server_running(): void
    {
        $start = $this->started();
        $old = $this->app->serverOf($start);
        $taken = $this->app->configurePortInUse();

        $this->restart();
        $output = $this->app->waitFor($start, 'and the running one continues');

        // The process that has the port.
        $this->assertMatchesRegularExpression('/ '.getmypid().'\b/', $output);
        $this->eventually(fn (): bool => $this->childrenOf($start) === [$old], 'The server that could not listen stayed, or the old one went.');
        $this->assertTrue($this->app->isUp());

        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait(), $start->getOutput());
        $this->assertFalse($this->isAlive($old));
        fclose($taken);
    }

    public function test_a_restart_follows_a_symlink_to_the_next_release(): void
    {
        $start = $this->app->artisanIn($current = $this->app->release('one'), 'reverb:start');
        $this->app->waitFor($start, $this->banner());
        $this->assertSame($current, $this->app->release('two'));
        $this->app->replaceEnvironment('REVERB_APP_KEY', 'of-two', 'two');

        $this->assertSame(0, $this->app->artisanIn($current, 'reverb:restart')->wait());
        $this->app->waitFor($start, $this->banner(), times: 2);
        $this->eventually(fn (): bool => count($this->childrenOf($start)) === 1, 'The old server stayed.');

        $this->assertStringContainsString('connection_established', read_frame(open_websocket($this->app->port, 'of-two')));
    }

    public function test_a_renewed_certificate_is_picked_up(): void
    {
        $this->app->write('config/reverb.php', '<?php return array_replace_recursive(require "'.dirname(__DIR__, 3).'/php-bridge/config/reverb.php", ["servers" => ["reverb" => ["options" => ["tls" => ["local_cert" => base_path("cert.pem"), "local_pk" => base_path("key.pem")]]]]]);');
        $this->certify('first');
        $start = $this->app->artisan('reverb:start');
        $banner = "Starting secure server on 127.0.0.1:{$this->app->port}";
        $output = $this->app->waitFor($start, 'cert.pem');
        $this->assertStringContainsString($banner, $output);
        $this->assertSame('first', $this->nameServed());

        $this->certify('renewed');
        $this->assertSame('first', $this->nameServed());
        $this->restart();
        $this->app->waitFor($start, $banner, times: 2);
        $this->eventually(fn (): bool => count($this->childrenOf($start)) === 1, 'The old server stayed.');

        $this->assertSame('renewed', $this->nameServed());
    }

    private function certify(string $name): void
    {
        $command = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', "/CN={$name}", '-days', '30', '-keyout', 'key.pem', '-out', 'cert.pem'];
        (new Process($command, $this->app->base))->mustRun();
    }

    private function nameServed(): string
    {
        $context = stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false, 'capture_peer_cert' => true]]);
        $socket = stream_socket_client("tls://127.0.0.1:{$this->app->port}", $code, $message, 5, STREAM_CLIENT_CONNECT, $context);
        $this->assertNotFalse($socket, (string) $message);
        $certificate = openssl_x509_parse(stream_context_get_params($socket)['options']['ssl']['peer_certificate']);
        $this->assertIsArray($certificate);
        $name = $certificate['subject']['CN'] ?? null;

        return is_string($name) ? $name : '';
    }

    public function test_a_supervisor_that_is_killed_after_a_hand_over_leaves_no_orphan(): void
    {
        $start = $this->started();
        $this->restart();
        $this->app->waitFor($start, $this->banner(), times: 2);
        $servers = $this->childrenOf($start);

        $start->signal(SIGKILL);

        foreach ($servers as $server) {
            $this->eventually(fn (): bool => ! $this->isAlive($server), 'A server outlived its parent.');
        }

        $this->assertFalse($this->app->isUp());
    }

    public function test_a_stop_during_the_self_exec_stops_the_server(): void
    {
        $start = $this->started();
        $server = $this->app->serverOf($start);
        $this->restart();
        $this->eventually(fn (): bool => $this->isNewRun($start), 'It never became a new run.');

        $start->signal(SIGTERM);

        $this->assertSame(0, $start->wait());
        $this->assertFalse($this->isAlive($server));
        $this->assertFalse($this->app->isUp());
    }

    private function isNewRun(Process $process): bool
    {
        return str_contains((string) @file_get_contents("/proc/{$process->getPid()}/environ"), 'REVURB_HAND_OVER=');
    }

    /** @param  resource  $socket */
    private function lastFrame($socket): string
    {
        $last = '';
        $this->eventually(function () use ($socket, &$last): bool {
            $frame = read_frame($socket);
            $last = $frame === '' ? $last : $frame;

            return feof($socket);
        }, 'The socket stayed open.');

        return $last;
    }
}
