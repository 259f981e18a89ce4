<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\DataProvider;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;

final class AddressesTest extends DoctorAppTestCase
{
    public function test_consistent_addresses_are_ok(): void
    {
        $this->assertSame(Status::Ok, $this->found('addresses')->status, $this->found('addresses')->detail());
    }

    /** @return iterable<string, array{Status, array<string, mixed>, list<string>, string, string}> */
    public static function misfits(): iterable
    {
        $connection = 'broadcasting.connections.reverb';

        yield 'no connection' => [Status::Problem, [$connection => null], [], 'no "reverb" connection', 'reverb:install'];
        yield 'no host' => [Status::Problem, ["{$connection}.options.host" => null], [], 'options.host is empty', 'REVERB_*'];
        yield 'no key' => [Status::Problem, ["{$connection}.key" => ''], [], 'key is empty', 'REVERB_*'];
        yield 'unmakeable' => [Status::Problem, ["{$connection}.options.encryption_master_key_base64" => '!'], [], 'cannot make a publisher', 'reverb:install'];
        yield 'id' => [Status::Problem, ["{$connection}.app_id" => '7'], ['REVERB_APP_ID=7'], 'no app with the id 7', '.env:1 REVERB_APP_ID'];
        yield 'key' => [Status::Problem, ["{$connection}.key" => 'other'], [], 'Its key is not', 'REVERB_APP_KEY'];
        yield 'secret' => [Status::Problem, ["{$connection}.secret" => 'other'], [], 'Its secret is not', 'REVERB_APP_SECRET'];
        yield 'key of browsers' => [Status::Problem, [], ['VITE_REVERB_APP_KEY=other'], 'no app with that key', '.env:1 VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"'];
        yield 'other broadcaster' => [Status::Problem, ['broadcasting.default' => 'log'], ['BROADCAST_CONNECTION=log'], '"log" writes events into the log', '.env:1 BROADCAST_CONNECTION=reverb'];
        yield 'mixed content' => [Status::Warning, ['app.url' => 'https://chat.test'], ['VITE_REVERB_HOST=chat.test', 'VITE_REVERB_SCHEME=http'], 'wss only', '.env:2 VITE_REVERB_SCHEME=https'];
        yield 'listen only' => [Status::Problem, [], ['VITE_REVERB_HOST=0.0.0.0'], 'no client can connect', '.env:1 VITE_REVERB_HOST=localhost'];
        yield 'host with a scheme' => [Status::Problem, [], ['VITE_REVERB_HOST=https://chat.test/'], 'more than a host name', '.env:1 VITE_REVERB_HOST=chat.test'];
    }

    /**
     * @param  array<string, mixed>  $config
     * @param  list<string>  $env
     */
    #[DataProvider('misfits')]
    public function test_inconsistent_addresses_are_named_with_the_line_to_change(Status $status, array $config, array $env, string $fault, string $fix): void
    {
        $this->configure($config);
        $this->write($env);

        $this->assertFound($status, $fault, $fix, $this->found('addresses'));
    }

    public function test_an_old_key_in_the_cached_configuration_is_cached_again(): void
    {
        $this->application()->instance('config_loaded_from_cache', true);
        $this->write(['REVERB_APP_KEY=new-key', 'VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"']);
        $fix = 'php artisan config:cache, and then php artisan reverb:restart';

        $this->assertFound(Status::Problem, 'no app with that key', $fix, $this->found('addresses'));
        $this->assertFound(Status::Problem, 'no app with the key new-key', $fix, $this->found('browser'));
        $this->assertStringNotContainsString('VITE_REVERB_APP_KEY', (string) $this->found('addresses')->fix.$this->found('browser')->fix);
    }

    public function test_a_key_of_browsers_that_belongs_to_another_app_is_a_warning(): void
    {
        $this->configure(['reverb.apps.apps.1' => ['app_id' => '2', 'key' => 'second', 'secret' => 'the-second-secret']]);
        $this->write(['VITE_REVERB_APP_KEY=second']);

        $this->assertFound(Status::Warning, 'another app', 'VITE_REVERB_APP_KEY', $this->found('addresses'));
    }
}
