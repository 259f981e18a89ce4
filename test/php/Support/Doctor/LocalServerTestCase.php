<?php

declare(strict_types=1);

namespace Revurb\Tests\Support\Doctor;

use Revurb\Bridge\Overrides;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\CheckRunner;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContextFactory;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\AppTestCase;
use RuntimeException;

/**
 * An application that publishes to a server on this machine, and has a file cache.
 */
abstract class LocalServerTestCase extends AppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();

        $this->application()->instance(Network::class, FakeNetwork::healthy());
        $this->configure([
            'cache.default' => 'file',
            'cache.stores.file' => ['driver' => 'file', 'path' => $this->folder()],
            'broadcasting.default' => 'reverb',
            'broadcasting.connections.reverb' => [
                'driver' => 'reverb', 'key' => 'the-key', 'secret' => 'the-secret', 'app_id' => '123456',
                'options' => ['host' => '127.0.0.1', 'port' => '8080', 'scheme' => 'http'],
            ],
        ]);
    }

    protected function folder(): string
    {
        return "{$this->base}/storage/framework/cache";
    }

    protected function found(string $name): CheckResult
    {
        foreach ($this->make(CheckRunner::class)->of($this->make(DoctorContextFactory::class)->read(new Overrides)) as $check => $result) {
            if ($check === $name) {
                return $result;
            }
        }

        throw new RuntimeException("There is no check {$name}.");
    }

    protected function assertFound(Status $status, Code $code, string $fault, string $fix, CheckResult $result): void
    {
        $this->assertSame([$status, $code], [$result->status, $result->code], $result->detail());
        $this->assertStringContainsString($fault, (string) $result->problem);
        $this->assertStringContainsString($fix, (string) $result->fix);
    }

    protected function database(bool $exists = true): void
    {
        $file = "{$this->base}/database.sqlite";
        $this->configure(['database.default' => 'sqlite', 'database.connections.sqlite' => ['driver' => 'sqlite', 'database' => $file]]);

        if ($exists) {
            touch($file);
        }
    }
}
