<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Revurb\Bridge\Overrides;
use Revurb\Bun\VersionProbe;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\CheckRunner;
use Revurb\Doctor\Checks\RedisPing;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Status;
use Revurb\Server\ServerScript;
use Revurb\Tests\Support\AppTestCase;
use RuntimeException;
use Throwable;

/**
 * An application whose configuration the doctor finds sound, to change one thing in.
 */
abstract class DoctorAppTestCase extends AppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();

        $this->application()->instance(Network::class, FakeNetwork::healthy()->with('http://chat.test:80', FakeNetwork::error(4001)));
        $this->application()->instance(VersionProbe::class, new class implements VersionProbe
        {
            public function versionOf(string $file): string
            {
                return '1.4.5';
            }
        });
        $this->configure([
            'app.url' => 'http://chat.test',
            'queue.default' => 'sync',
            'broadcasting.default' => 'reverb',
            'broadcasting.connections.reverb' => [
                'driver' => 'reverb', 'key' => 'the-key', 'secret' => 'the-secret', 'app_id' => '123456',
                'options' => ['host' => 'chat.test', 'port' => '80', 'scheme' => 'http'],
            ],
            'cache.default' => 'file',
            'cache.stores.file' => ['driver' => 'file', 'path' => "{$this->base}/storage/framework/cache"],
            'reverb.servers.reverb.revurb.bun' => __FILE__,
        ]);
        $this->script('exit 0');
    }

    /** A server that only reports on a document, as the given shell code does. */
    protected function script(string $code): void
    {
        file_put_contents("{$this->base}/bun", "#!/bin/sh\nread -r document\n{$code}\n");
        chmod("{$this->base}/bun", 0700);
        $this->configure(['reverb.servers.reverb.revurb.bun' => "{$this->base}/bun"]);
        $this->application()->instance(ServerScript::class, new ServerScript(__FILE__, ['PATH' => '/usr/bin:/bin']));
    }

    protected function read(Overrides $overrides = new Overrides): DoctorContext
    {
        return $this->make(DoctorContextFactory::class)->read($overrides);
    }

    protected function found(string $name, Overrides $overrides = new Overrides): CheckResult
    {
        foreach ($this->make(CheckRunner::class)->of($this->read($overrides)) as $check => $result) {
            if ($check === $name) {
                return $result;
            }
        }

        throw new RuntimeException("There is no check {$name}.");
    }

    protected function assertFound(Status $status, string $fault, string $fix, CheckResult $result): void
    {
        $this->assertSame($status, $result->status, $result->detail());
        $this->assertStringContainsString($fault, (string) $result->problem);
        $this->assertStringContainsString($fix, (string) $result->fix);
    }

    /** @param  list<string>  $lines */
    protected function write(array $lines): void
    {
        file_put_contents("{$this->base}/.env", implode("\n", $lines));
    }

    /** @param  string|null  $survivor  the one host that answers all the same */
    protected function redis(?Throwable $failure, ?string $survivor = null): object
    {
        $this->application()->instance(RedisPing::class, $ping = new class($failure, $survivor) implements RedisPing
        {
            /** @var list<array<array-key, mixed>> */
            public array $asked = [];

            public function __construct(private ?Throwable $failure, private ?string $survivor) {}

            public function ping(string $client, array $redis, string $connection): void
            {
                $this->asked[] = [$client, $redis[$connection] ?? null];

                if ($this->failure !== null && ($redis[$connection]['host'] ?? null) !== $this->survivor) {
                    throw $this->failure;
                }
            }
        });

        return $ping;
    }

    protected function useRedis(): void
    {
        $this->configure([
            'cache.default' => 'redis',
            'cache.stores.redis' => ['driver' => 'redis', 'connection' => 'cache'],
            'database.redis' => ['client' => 'predis', 'cache' => ['url' => 'redis://user:the-password@redis.test:6380', 'host' => 'ignored']],
        ]);
    }

    /** @param  array<string, mixed>  $server */
    protected function scale(array $server): void
    {
        $this->configure(['reverb.servers.reverb.scaling' => ['enabled' => true, 'server' => $server]]);
    }
}
