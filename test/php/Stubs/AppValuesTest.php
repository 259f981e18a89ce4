<?php

declare(strict_types=1);

namespace Revurb\Tests\Stubs;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Stubs\AppFolder;
use Revurb\Stubs\AppValues;
use Revurb\Stubs\UnquotablePath;
use Revurb\Tests\Support\AppTestCase;

final class AppValuesTest extends AppTestCase
{
    /** @return array<string, string> */
    private function values(): array
    {
        return $this->make(AppValues::class)->all();
    }

    public function test_missing_settings_have_defaults(): void
    {
        $this->configure(['reverb.servers.reverb' => [], 'reverb.apps.apps' => []]);
        $values = $this->values();

        $this->assertSame($this->base, $values['app']);
        $this->assertSame(PHP_BINARY." {$this->base}/artisan reverb:start", $values['command']);
        $this->assertSame('127.0.0.1:8080', $values['address']);
        $this->assertSame('', $values['path']);
        $this->assertSame(['10', '30', '5', '35'], [$values['drain_seconds'], $values['stop_seconds'], $values['pre_stop_seconds'], $values['pod_stop_seconds']]);
        $this->assertSame('150', $values['idle_seconds']);
        $this->assertSame('65535', $values['open_files']);
    }

    public function test_configured_settings_are_in_the_values(): void
    {
        $this->configure([
            'reverb.servers.reverb' => ['host' => '10.0.0.5', 'port' => 6001, 'path' => 'ws/', 'hostname' => 'ws.test', 'revurb' => ['drain_seconds' => '40.5']],
            'reverb.apps.apps' => [['ping_interval' => '90'], ['ping_interval' => 20], 'nonsense'],
        ]);
        $values = $this->values();

        $this->assertSame('10.0.0.5:6001', $values['address']);
        $this->assertSame('6001', $values['port']);
        $this->assertSame('/ws', $values['path']);
        $this->assertSame('ws.test', $values['hostname']);
        $this->assertSame(['41', '61', '5', '66'], [$values['drain_seconds'], $values['stop_seconds'], $values['pre_stop_seconds'], $values['pod_stop_seconds']]);
        $this->assertSame('210', $values['idle_seconds']);
    }

    /** YAML reads some numbers with a leading zero as octal ones. */
    #[TestWith(['06001'])]
    #[TestWith([' 6001'])]
    public function test_a_port_is_written_as_the_server_reads_it(string $port): void
    {
        $this->configure(['reverb.servers.reverb.port' => $port]);

        $this->assertSame(['6001', '6002'], [$this->values()['port'], $this->values()['next_port']]);
    }

    #[TestWith(['127.0.0.1'])]
    #[TestWith(['[::1]'])]
    #[TestWith(['localhost'])]
    #[TestWith([null])]
    public function test_an_address_to_publish_to_is_not_the_name_for_browsers(?string $hostname): void
    {
        $this->configure(['reverb.servers.reverb.hostname' => $hostname]);

        $this->assertSame('the host that browsers connect to', $this->values()['hostname']);
    }

    #[TestWith(['0.0.0.0', '127.0.0.1:8080'])]
    #[TestWith(['::', '127.0.0.1:8080'])]
    #[TestWith(['[::]', '127.0.0.1:8080'])]
    #[TestWith(['[::1]', '[::1]:8080'])]
    #[TestWith(['::1', '[::1]:8080'])]
    #[TestWith(['', '127.0.0.1:8080'])]
    public function test_the_address_for_a_proxy_is_reachable(string $host, string $address): void
    {
        $this->configure(['reverb.servers.reverb.host' => $host, 'reverb.servers.reverb.port' => '8080']);

        $this->assertSame($address, $this->values()['address']);
    }

    public function test_the_user_is_the_owner_of_storage(): void
    {
        if (! function_exists('posix_getpwnam') || posix_geteuid() !== 0) {
            $this->markTestSkipped('Only root gives files away.');
        }

        $this->assertSame(['www-data', '33', '33'], [$this->values()['user'], $this->values()['uid'], $this->values()['gid']]);

        $nobody = posix_getpwnam('nobody');
        $this->assertIsArray($nobody);
        chown("{$this->base}/storage", 'nobody');
        clearstatcache();

        $this->assertSame(['nobody', (string) $nobody['uid'], (string) $nobody['gid']], [$this->values()['user'], $this->values()['uid'], $this->values()['gid']]);
    }

    #[TestWith([null, '85536'])]
    #[TestWith(['', '85536'])]
    #[TestWith([10_000, '85536'])]
    #[TestWith(['20000', '105536'])]
    #[TestWith([0, '33619968'])]
    #[TestWith(['0', '33619968'])]
    #[TestWith([false, '33619968'])]
    #[TestWith([1_073_741_824, '2147549184'])]
    #[TestWith([PHP_INT_MAX, '2147549184'])]
    #[TestWith(['9223372036854775807', '2147549184'])]
    public function test_a_proxy_passes_on_bodies_of_up_to_twice_the_limit_and_64_kib(mixed $configured, string $bytes): void
    {
        $this->configure(['reverb.servers.reverb.max_request_size' => $configured]);

        $this->assertSame($bytes, $this->values()['max_body_bytes']);
    }

    public function test_words_with_spaces_are_quoted(): void
    {
        $this->application()->setBasePath('/srv/my app');
        $this->assertStringContainsString(' "/srv/my app/artisan" reverb:start', $this->values()['command']);
    }

    #[TestWith(['/srv/100%'])]
    #[TestWith(['/srv/$app'])]
    #[TestWith(['/srv/a"b'])]
    #[TestWith(['/srv/a ;b'])]
    public function test_a_path_that_cannot_be_quoted_is_an_error(string $base): void
    {
        $this->application()->setBasePath($base);
        $this->expectException(UnquotablePath::class);
        $this->expectExceptionMessage("[{$base}/artisan]");

        $this->values();
    }

    public function test_a_current_symlink_is_kept(): void
    {
        $release = "{$this->base}/releases/2";
        mkdir($release, recursive: true);
        symlink($release, $current = "{$this->base}/current");

        $this->assertSame($current, AppFolder::reachedBy($release, $current, 'artisan'));
        $this->assertSame($current, AppFolder::reachedBy($release, "{$current}/", null));
        $this->assertSame($current, AppFolder::reachedBy($release, '/tmp', "{$current}/artisan"));
        $this->assertSame($release, AppFolder::reachedBy($release, $this->base, "{$this->base}/artisan"));
        $this->assertSame($release, AppFolder::reachedBy($release, null, null));
        $this->assertSame($release, AppFolder::reachedBy($release, '/no/such/folder', null));
    }
}
