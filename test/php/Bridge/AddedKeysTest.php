<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use Illuminate\Support\Arr;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\AddedKeys;

final class AddedKeysTest extends TestCase
{
    /** A file of this package, in short: Reverb's keys have defaults here that an application must never get. */
    private const FILE = [
        'servers' => ['reverb' => [
            'host' => 'not for an application',
            'scaling' => ['enabled' => true, 'secret' => 's', 'server' => ['host' => 'not this', 'sentinels' => 'a:1', 'context' => ['stream' => ['cafile' => '/ca.pem', 'local_cert' => null]]]],
            'revurb' => ['bun' => null, 'drain_seconds' => 10],
        ]],
        'apps' => ['provider' => 'not this', 'apps' => [['key' => 'not this', 'enabled' => true, 'limits' => ['presence_members' => 100, 'client_events_per_second' => 10]]]],
    ];

    private const REVURB = ['bun' => null, 'drain_seconds' => 10];

    private const STREAM = ['cafile' => '/ca.pem', 'local_cert' => null];

    private const LIMITS = ['presence_members' => 100, 'client_events_per_second' => 10];

    private function keys(): AddedKeys
    {
        return AddedKeys::of(self::FILE);
    }

    public function test_reverbs_own_file_gets_the_keys_of_this_package_and_nothing_else(): void
    {
        $file = [
            'servers' => ['reverb' => ['host' => 'h', 'scaling' => ['enabled' => false, 'server' => ['host' => 'r']]]],
            'apps' => ['provider' => 'config', 'apps' => [['key' => 'k'], ['key' => 'l', 'enabled' => false, 'limits' => ['presence_members' => 7]]]],
        ];

        $this->assertSame([
            'servers' => ['reverb' => [
                'host' => 'h',
                'scaling' => ['enabled' => false, 'server' => ['host' => 'r', 'sentinels' => 'a:1', 'context' => ['stream' => self::STREAM]], 'secret' => 's'],
                'revurb' => self::REVURB,
            ]],
            'apps' => ['provider' => 'config', 'apps' => [
                ['key' => 'k', 'enabled' => true, 'limits' => self::LIMITS],
                ['key' => 'l', 'enabled' => false, 'limits' => ['presence_members' => 7, 'client_events_per_second' => 10]],
            ]],
        ], $this->keys()->addTo($file));
    }

    /** @return iterable<string, array{string, mixed, mixed}> */
    public static function values(): iterable
    {
        foreach (['a null' => null, 'an empty list' => [], 'a list' => ['x'], 'a text' => 'x', 'false' => false] as $name => $value) {
            foreach (['servers', 'servers.reverb', 'servers.reverb.revurb', 'servers.reverb.revurb.drain_seconds', 'servers.reverb.scaling', 'servers.reverb.scaling.server', 'servers.reverb.scaling.server.context', 'servers.reverb.scaling.server.context.stream', 'apps', 'apps.apps.0.limits', 'apps.apps.0.limits.presence_members', 'apps.apps.0.enabled'] as $path) {
                yield "{$name} of {$path}" => [$path, $value, $value];
            }
        }

        yield 'an app that is none' => ['apps.apps.0', 'x', 'x'];
        yield 'no list of apps' => ['apps.apps', null, null];
        yield 'part of a group' => ['servers.reverb.revurb', ['bun' => '/bun'], ['bun' => '/bun', 'drain_seconds' => 10]];
        yield 'a key of the application beside ours' => ['servers.reverb.scaling.server.context', ['stream' => ['verify_peer' => false]], ['stream' => ['verify_peer' => false] + self::STREAM]];
        yield 'apps under names' => ['apps.apps', ['first' => ['key' => 'k']], ['first' => ['key' => 'k', 'enabled' => true, 'limits' => self::LIMITS]]];
    }

    #[DataProvider('values')]
    public function test_values_of_the_application_win_over_defaults(string $path, mixed $given, mixed $merged): void
    {
        $file = ['servers' => ['reverb' => ['host' => 'h']], 'apps' => ['apps' => [['key' => 'k']]]];
        Arr::set($file, $path, $given);

        $this->assertSame($merged, Arr::get($this->keys()->addTo($file), $path));
    }

    public function test_adding_twice_adds_nothing(): void
    {
        $once = $this->keys()->addTo(['servers' => ['reverb' => ['host' => 'h']], 'apps' => ['apps' => [['key' => 'k']]]]);

        $this->assertSame($once, $this->keys()->addTo($once));
        $this->assertSame([], $this->keys()->missingFrom($once));
    }

    public function test_every_key_that_reverbs_file_lacks_is_an_added_key(): void
    {
        $ours = require __DIR__.'/../../../php-bridge/config/reverb.php';
        $theirs = require __DIR__.'/../StandIns/reverb.php';
        $new = array_diff(array_keys(Arr::dot($ours)), array_keys(Arr::dot($theirs)), ['apps.apps.0.options.useTLS']);

        $this->assertEqualsCanonicalizing(
            array_map(static fn (string $path): string => str_replace('apps.apps.0.', 'apps.apps.*.', $path), array_values($new)),
            AddedKeys::of($ours)->missingFrom($theirs),
        );
    }

    public function test_missing_keys_are_named_with_their_paths(): void
    {
        $this->assertSame([
            'servers.reverb.revurb.bun',
            'servers.reverb.scaling.server.context.stream.local_cert',
            'apps.apps.*.limits.client_events_per_second',
            'apps.apps.*.enabled',
            'apps.apps.*.limits.presence_members',
        ], $this->keys()->missingFrom([
            'servers' => ['reverb' => [
                'revurb' => ['drain_seconds' => null],
                'scaling' => ['secret' => null, 'server' => ['sentinels' => [], 'context' => ['stream' => ['cafile' => '']]]],
            ]],
            'apps' => ['apps' => [['key' => 'k', 'enabled' => null, 'limits' => ['presence_members' => 7]], ['key' => 'l'], 'x']],
        ]));

        $this->assertSame(
            ['apps.apps.*.enabled', 'apps.apps.*.limits.presence_members', 'apps.apps.*.limits.client_events_per_second'],
            array_slice($this->keys()->missingFrom(['apps' => ['provider' => 'database']]), -3),
        );
    }
}
