<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Revurb\Bun\BunFinder;
use Revurb\Bun\VersionProbe;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;

final class BunTest extends DoctorAppTestCase
{
    public function test_a_working_bun_is_ok(): void
    {
        $this->assertStringStartsWith('1.4.5, ', $this->found('bun')->subject);
    }

    public function test_a_missing_bun_is_a_problem_with_the_command_that_installs_it(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        $this->assertFound(Status::Problem, '/no/such/bun', 'REVURB_BUN', $this->found('bun'));
        $this->assertFound(Status::Warning, 'Without Bun', 'See bun.', $this->found('config'));

        $this->configure(['reverb.servers.reverb.revurb.bun' => null]);
        $this->application()->bind(BunFinder::class, fn (): BunFinder => new BunFinder($this->make(VersionProbe::class), $this->base));
        $this->assertFound(Status::Problem, 'was not found', 'php artisan reverb:bun --install', $this->found('bun'));

        $this->write(['REVURB_BUN=/usr/bin/bun']);
        $this->assertFound(Status::Problem, 'was not found', 'php artisan config:cache', $this->found('bun'));
    }
}
