<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\RedisAddress;
use Revurb\Bridge\TlsOptions;
use Revurb\Bridge\UnusableRedis;

/**
 * Every spelling of where Redis is.
 */
final class RedisAddressTest extends TestCase
{
    private const PLAIN = ['host' => '127.0.0.1', 'port' => 6379, 'tls' => false];

    /** Laravel's stock configuration, with nothing in .env. */
    private const STOCK = ['url' => null, 'host' => '127.0.0.1', 'port' => '6379', 'username' => null, 'password' => null, 'database' => '0', 'timeout' => 60];

    /** @param  array<string, mixed>  $settings */
    private static function address(array $settings): RedisAddress
    {
        return RedisAddress::of($settings, new TlsOptions(__DIR__, null));
    }

    /** @return iterable<string, array{array<string, mixed>, array<string, mixed>}> settings → how they differ from the plainest address */
    public static function single(): iterable
    {
        yield 'nothing' => [[], []];
        yield 'stock' => [self::STOCK, ['port' => '6379', 'database' => '0', 'timeout' => 60]];
        yield 'only empty' => [['host' => '10.0.0.1', 'port' => '', 'username' => '', 'password' => '', 'database' => '', 'timeout' => ''], ['host' => '10.0.0.1']];
        yield 'single keys' => [
            ['host' => 'redis.test', 'port' => 6380, 'username' => 'chat', 'password' => 'p', 'database' => 3, 'timeout' => 5],
            ['host' => 'redis.test', 'port' => 6380, 'username' => 'chat', 'password' => 'p', 'database' => 3, 'timeout' => 5],
        ];
        yield 'keys that are not ours' => [['persistent' => true, 'read_timeout' => 3, 'max_retries' => 3, 'context' => [], 'name' => 'x'], []];

        yield 'url wins' => [
            [...self::STOCK, 'url' => 'redis://chat:p@redis.test:6380/3', 'username' => 'other', 'password' => 'other', 'database' => '1'],
            ['host' => 'redis.test', 'port' => 6380, 'username' => 'chat', 'password' => 'p', 'database' => '3', 'timeout' => 60],
        ];
        yield 'url that says little' => [
            [...self::STOCK, 'url' => 'redis://redis.test', 'port' => '6380', 'password' => 'p', 'database' => '1'],
            ['host' => 'redis.test', 'port' => '6380', 'password' => 'p', 'database' => '1', 'timeout' => 60],
        ];
        yield 'url without a scheme' => [['url' => 'redis.test:6380'], ['host' => 'redis.test', 'port' => 6380]];
        yield 'url without a user' => [['url' => 'redis://:p@redis.test', 'username' => 'other'], ['host' => 'redis.test', 'password' => 'p']];
        yield 'url with a slash at its end' => [['url' => 'redis://redis.test/'], ['host' => 'redis.test']];
        yield 'url with special characters' => [['url' => 'redis://a%40b:p%3A%2F%23%3F%25@redis.test'], ['host' => 'redis.test', 'username' => 'a@b', 'password' => 'p:/#?%']];
        yield 'url with a query' => [
            ['url' => 'redis://redis.test/1?database=2&timeout=5&password=q', 'timeout' => 60],
            ['host' => 'redis.test', 'database' => 2, 'timeout' => 5, 'password' => 'q'],
        ];
        yield 'tcp url' => [['url' => 'tcp://redis.test'], ['host' => 'redis.test']];
        yield 'tls url' => [['url' => 'tls://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'rediss url' => [['url' => 'rediss://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'REDISS url' => [['url' => 'REDISS://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'the scheme of a url wins' => [['url' => 'redis://redis.test', 'scheme' => 'tls'], ['host' => 'redis.test']];
        yield 'empty url' => [['url' => '', 'host' => 'redis.test'], ['host' => 'redis.test']];

        yield 'tls host' => [['host' => 'tls://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'rediss host' => [['host' => 'rediss://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'ssl host' => [['host' => 'ssl://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'TLS host' => [['host' => 'TLS://redis.test'], ['host' => 'redis.test', 'tls' => true]];
        yield 'tcp host' => [['host' => 'tcp://redis.test'], ['host' => 'redis.test']];
        yield 'tls scheme' => [['scheme' => 'tls'], ['tls' => true]];
        yield 'rediss scheme' => [['scheme' => 'rediss'], ['tls' => true]];
        yield 'tcp scheme' => [['scheme' => 'tcp'], []];
        yield 'empty scheme' => [['scheme' => ''], []];

        yield 'IPv6' => [['host' => '::1'], ['host' => '::1']];
        yield 'IPv6 in brackets' => [['host' => '[::1]'], ['host' => '::1']];
        yield 'IPv6 with tls' => [['host' => 'tls://[fd00::1]'], ['host' => 'fd00::1', 'tls' => true]];
        yield 'IPv6 in a url' => [['url' => 'rediss://:p@[fd00::1]:6380'], ['host' => 'fd00::1', 'port' => 6380, 'password' => 'p', 'tls' => true]];

        yield "Redis's own first user" => [['username' => 'default', 'password' => 'p'], ['username' => 'default', 'password' => 'p']];
        yield 'a user without a password' => [['username' => 'chat'], []];
        yield 'a password that looks like nothing' => [['password' => '0'], ['password' => '0']];

        yield 'no timeout' => [['timeout' => 0], []];
        yield 'no timeout, as a text' => [['timeout' => '0.0'], []];
        yield 'a short timeout' => [['timeout' => 0.2], ['timeout' => 1]];
        yield 'a timeout as a text' => [['timeout' => '2.5'], ['timeout' => 3]];
    }

    /**
     * @param  array<string, mixed>  $settings
     * @param  array<string, mixed>  $expected
     */
    #[DataProvider('single')]
    public function test_settings_of_one_server_are_read_as_laravel_reads_them(array $settings, array $expected): void
    {
        $address = self::address($settings);

        $this->assertSame('single', $address->kind);
        $this->assertSame(self::sorted([...self::PLAIN, ...$expected]), self::sorted($address->toArray()));
    }

    /** What is wrong is for the server to name. */
    #[TestWith(['port', 'x'])]
    #[TestWith(['port', 70_000])]
    #[TestWith(['database', 'x'])]
    #[TestWith(['timeout', 'x'])]
    #[TestWith(['timeout', -1])]
    #[TestWith(['password', ['chat', 'p']])]
    #[TestWith(['master', ['x']])]
    public function test_an_invalid_value_is_passed_on_for_the_server_to_report(string $name, mixed $value): void
    {
        $this->assertSame($value, self::address([$name => $value])->toArray()[$name]);
    }

    /** @return iterable<string, array{mixed, list<array{host: string, port: mixed}>}> for Sentinels, whose port is 26379 */
    public static function lists(): iterable
    {
        [$a, $b] = [['host' => 'a.test', 'port' => 26379], ['host' => 'b.test', 'port' => 7000]];

        yield 'text' => ['a.test,b.test:7000', [$a, $b]];
        yield 'text of one' => ['b.test:7000', [$b]];
        yield 'text with spaces' => [' a.test , b.test:7000 , ', [$a, $b]];
        yield 'text with schemes' => ['tcp://a.test,redis://b.test:7000', [$a, $b]];
        yield 'list of texts' => [['a.test', 'b.test:7000'], [$a, $b]];
        yield 'texts by name' => [['first' => 'a.test', 'second' => 'b.test:7000'], [$a, $b]];
        yield 'list of settings' => [[['host' => 'a.test'], ['host' => 'b.test', 'port' => '7000', 'password' => 'p', 'database' => 0]], [$a, [...$b, 'port' => '7000']]];
        yield 'list of urls' => [[['url' => 'tcp://b.test:7000'], 'tcp://a.test'], [$b, $a]];
        yield 'mixed list' => [['a.test', ['host' => 'b.test', 'port' => 7000]], [$a, $b]];
        yield 'IPv6' => ['[::1]:7000,[fd00::1],fd00::2', [['host' => '::1', 'port' => 7000], ['host' => 'fd00::1', 'port' => 26379], ['host' => 'fd00::2', 'port' => 26379]]];
    }

    /** @param  list<array{host: string, port: mixed}>  $hosts */
    #[DataProvider('lists')]
    public function test_sentinels_are_read_with_their_ports(mixed $sentinels, array $hosts): void
    {
        $address = self::address([...self::STOCK, 'sentinels' => $sentinels, 'cluster' => '', 'master' => 'chat', 'sentinel_password' => 'sp', 'password' => 'p', 'database' => '1']);

        $this->assertSame('sentinels', $address->kind);
        $this->assertSame(
            self::sorted(['sentinels' => $hosts, 'master' => 'chat', 'sentinel_password' => 'sp', 'password' => 'p', 'database' => '1', 'timeout' => 60, 'tls' => false]),
            self::sorted($address->toArray()),
        );
    }

    #[TestWith(['cluster'])]
    #[TestWith(['nodes'])]
    public function test_the_nodes_of_a_cluster_are_read_with_their_ports_and_without_a_database(string $name): void
    {
        $address = self::address([...self::STOCK, $name => 'a.test,b.test:7000', 'sentinels' => [], 'password' => 'p', 'database' => '1']);

        $this->assertSame('cluster', $address->kind);
        $this->assertSame(
            self::sorted(['cluster' => [['host' => 'a.test', 'port' => 6379], ['host' => 'b.test', 'port' => 7000]], 'password' => 'p', 'timeout' => 60, 'tls' => false]),
            self::sorted($address->toArray()),
        );
    }

    /** @param  array<string, mixed>  $settings */
    #[TestWith([['master' => 'chat'], 'chat'])]
    #[TestWith([['service' => 'chat'], 'chat'])]
    #[TestWith([['master' => '', 'service' => 'chat'], 'chat'])]
    #[TestWith([['master' => 'chat', 'service' => 'other'], 'chat'])]
    #[TestWith([['url' => 'redis://a.test?master=chat&sentinels=b.test,c.test'], 'chat'])]
    #[TestWith([[], null])]
    public function test_the_name_of_the_master_is_read(array $settings, ?string $master): void
    {
        $this->assertSame($master, self::address($settings)->toArray()['master'] ?? null);
    }

    /** @param  array<string, mixed>  $settings */
    #[TestWith([['cluster' => 'tls://a.test,b.test'], true])]
    #[TestWith([['cluster' => [['host' => 'a.test'], ['host' => 'b.test', 'scheme' => 'tls']]], true])]
    #[TestWith([['sentinels' => 'a.test', 'scheme' => 'tls'], true])]
    #[TestWith([['sentinels' => 'tcp://a.test', 'url' => 'rediss://:p@redis.test'], true])]
    #[TestWith([['sentinels' => 'tcp://a.test', 'host' => 'tls://redis.test'], false])]
    #[TestWith([['cluster' => 'redis://a.test'], false])]
    public function test_one_secure_host_turns_tls_on_for_all(array $settings, bool $tls): void
    {
        $this->assertSame($tls, self::address($settings)->toArray()['tls']);
    }

    /** @return iterable<string, array{array<string, mixed>, mixed}> settings → the document's `tls` */
    public static function tls(): iterable
    {
        $given = ['cafile' => '/ca.pem', 'verify_peer_name' => false];
        $ofPhpRedis = ['context' => ['stream' => $given]];
        $ofPredis = ['ssl' => $given];

        yield 'no options' => [['scheme' => 'tls'], true];
        yield 'of phpredis' => [['scheme' => 'tls', ...$ofPhpRedis], $given];
        yield 'of Predis' => [['scheme' => 'tls', ...$ofPredis], $given];
        yield 'of Predis, for all connections' => [['scheme' => 'tls', 'options' => ['parameters' => $ofPredis]], $given];
        yield 'of Predis, for this one rather' => [['scheme' => 'tls', ...$ofPredis, 'options' => ['parameters' => ['ssl' => ['cafile' => '/other.pem']]]], $given];
        yield 'of phpredis, among the options, which win' => [['scheme' => 'tls', 'context' => ['stream' => ['cafile' => '/other.pem']], 'options' => $ofPhpRedis], $given];
        yield 'of both' => [['scheme' => 'tls', ...$ofPhpRedis, 'ssl' => ['cafile' => '/other.pem']], $given];
        yield 'with a url' => [['url' => 'rediss://redis.test', ...$ofPredis], $given];
        yield 'for sentinels' => [['sentinels' => 'tls://a.test', ...$ofPhpRedis], $given];
        yield 'for a cluster' => [['cluster' => 'tls://a.test', ...$ofPhpRedis], $given];
        yield 'for a cluster of phpredis' => [['cluster' => 'tls://a.test', 'options' => ['context' => $given]], $given];

        yield 'for a cluster of phpredis, with empty ones of .env beside them' => [['cluster' => 'tls://a.test', 'context' => [...$given, 'stream' => ['cafile' => null]]], $given];
        yield 'for a cluster of phpredis, with one of .env beside them' => [['cluster' => 'tls://a.test', 'context' => ['verify_peer' => false, 'stream' => ['cafile' => '/ca.pem']]], ['cafile' => '/ca.pem', 'verify_peer' => false]];

        yield 'phpredis speaks TLS where it has options' => [$ofPhpRedis, $given];
        yield 'to all of several hosts' => [['cluster' => 'a.test,b.test:7000,[::1]', 'context' => $given], $given];
        yield 'to sentinels' => [['sentinels' => [['host' => 'a.test']], ...$ofPhpRedis], $given];
        yield 'Predis does not' => [$ofPredis, false];
        yield 'nor does phpredis against its scheme' => [['scheme' => 'tcp', ...$ofPhpRedis], false];
        yield 'or its url' => [['url' => 'redis://redis.test', ...$ofPhpRedis], false];
        yield 'or its host' => [['host' => 'tcp://redis.test', ...$ofPhpRedis], false];
        yield 'or one of several' => [['cluster' => 'a.test,tcp://b.test', ...$ofPhpRedis], false];

        yield 'only empty options' => [['context' => ['stream' => ['cafile' => null, 'local_cert' => '', 'verify_peer' => null]]], false];
        yield 'no verification, out of .env' => [['context' => ['stream' => ['cafile' => null, 'verify_peer' => false]]], ['verify_peer' => false]];
        yield 'a context of another kind' => [['scheme' => 'tls', 'context' => ['auth' => ['chat', 'p'], 'verify_peer' => false]], true];
        yield 'what are no options' => [['scheme' => 'tls', 'context' => 'x', 'ssl' => true, 'options' => 'x'], true];
        yield 'a file in the folder of the app' => [['scheme' => 'tls', 'ssl' => ['cafile' => basename(__FILE__)]], ['cafile' => __FILE__]];
    }

    /** @param  array<string, mixed>  $settings */
    #[DataProvider('tls')]
    public function test_tls_options_of_phpredis_and_predis_are_read(array $settings, mixed $tls): void
    {
        $this->assertSame($tls, self::address($settings)->toArray()['tls']);
    }

    /** @param  array<string, mixed>  $settings */
    #[TestWith([[], null])]
    #[TestWith([['prefix' => null, 'options' => null], null])]
    #[TestWith([['prefix' => 'a:'], 'a:'])]
    #[TestWith([['options' => ['prefix' => 'a:']], 'a:'])]
    #[TestWith([['prefix' => 'a:', 'options' => ['prefix' => 'b:']], 'a:'])]
    #[TestWith([['prefix' => '', 'options' => ['prefix' => 'b:']], ''])]
    #[TestWith([['url' => 'redis://a.test?prefix=7'], '7'])]
    public function test_the_prefix_of_a_connection_wins_over_that_of_the_options(array $settings, ?string $prefix): void
    {
        $this->assertSame($prefix, self::address($settings)->prefix());
    }

    /** @return iterable<string, array{array<string, mixed>, list<array<string, mixed>>}> */
    public static function connections(): iterable
    {
        $login = ['username' => 'chat', 'password' => 'p', 'database' => '1', 'sentinel_password' => 'sp'];

        yield 'one' => [['url' => 'redis://[::1]:7000', ...$login], [['host' => '::1', 'port' => 7000, 'username' => 'chat', 'password' => 'p', 'database' => '1']]];
        yield 'with tls' => [['host' => 'tls://a.test'], [['host' => 'a.test', 'port' => 6379, 'scheme' => 'tls']]];
        yield 'with options of tls' => [
            ['host' => 'tls://a.test', 'ssl' => ['cafile' => '/ca.pem']],
            [['host' => 'a.test', 'port' => 6379, 'scheme' => 'tls', 'context' => ['stream' => ['cafile' => '/ca.pem']], 'ssl' => ['cafile' => '/ca.pem']]],
        ];
        yield 'without tls' => [['host' => 'a.test', 'ssl' => ['cafile' => '/ca.pem']], [['host' => 'a.test', 'port' => 6379]]];
        yield 'sentinels, which have no databases' => [
            ['sentinels' => 'a.test,b.test', ...$login],
            [['host' => 'a.test', 'port' => 26379, 'password' => 'sp'], ['host' => 'b.test', 'port' => 26379, 'password' => 'sp']],
        ];
        yield 'a cluster, which has one' => [['cluster' => 'a.test', ...$login], [['host' => 'a.test', 'port' => 6379, 'username' => 'chat', 'password' => 'p']]];
    }

    /**
     * @param  array<string, mixed>  $settings
     * @param  list<array<string, mixed>>  $expected
     */
    #[DataProvider('connections')]
    public function test_each_host_has_connection_settings_for_laravel(array $settings, array $expected): void
    {
        $this->assertSame($expected, self::address($settings)->connections());
    }

    /** @return iterable<string, array{array<string, mixed>, string}> */
    public static function unusable(): iterable
    {
        yield 'socket' => [['host' => '/run/the-secret.sock', 'port' => 0], 'not over a Unix socket'];
        yield 'socket with a scheme' => [['host' => 'unix:///run/the-secret.sock'], 'not over a Unix socket'];
        yield 'socket with half a scheme' => [['host' => 'unix:/run/the-secret.sock'], 'not over a Unix socket'];
        yield 'socket of Predis' => [['scheme' => 'unix', 'path' => '/run/the-secret.sock'], 'not over a Unix socket'];
        yield 'socket as a url' => [['url' => 'unix:///run/the-secret.sock'], 'not over a Unix socket'];
        yield 'socket as another url' => [['url' => 'unix:/run/the-secret.sock'], 'not over a Unix socket'];
        yield 'socket in a list' => [['sentinels' => 'a.test,/run/the-secret.sock'], 'not over a Unix socket'];
        yield 'malformed url' => [['url' => 'redis://:the-secret@redis.test:x'], 'malformed'];
        yield 'url without a host' => [['url' => 'redis:///the-secret'], 'malformed'];
        yield 'malformed host' => [['sentinels' => 'the-secret:99999'], 'malformed'];
        yield 'empty host' => [['host' => '', 'password' => 'the-secret'], 'has no name'];
        yield 'host without a name' => [['cluster' => [['port' => 7000, 'password' => 'the-secret']]], 'has no name'];
    }

    /** @param  array<string, mixed>  $settings */
    #[DataProvider('unusable')]
    public function test_an_unusable_address_is_an_error_without_its_value(array $settings, string $message): void
    {
        try {
            self::address($settings);
            $this->fail('It was taken.');
        } catch (UnusableRedis $exception) {
            $this->assertStringContainsString($message, $exception->getMessage());
            $this->assertStringContainsString('servers.reverb.scaling.server', $exception->getMessage());
            $this->assertStringNotContainsString('the-secret', $exception->getMessage());
        }
    }

    /**
     * @param  array<string, mixed>  $values
     * @return array<string, mixed>
     */
    private static function sorted(array $values): array
    {
        ksort($values);

        return $values;
    }
}
