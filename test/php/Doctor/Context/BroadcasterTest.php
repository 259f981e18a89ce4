<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Context;

use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;

final class BroadcasterTest extends DoctorAppTestCase
{
    public function test_a_custom_broadcaster_is_a_warning(): void
    {
        $this->configure(['broadcasting.default' => 'own', 'broadcasting.connections.own' => ['driver' => 'own']]);

        $this->assertFound(Status::Warning, 'whose driver "own" is not one of Laravel', 'BROADCAST_CONNECTION=reverb', $this->found('addresses'));
    }

    public function test_a_default_that_does_not_come_from_the_env_file_is_named_by_its_place(): void
    {
        $this->configure(['broadcasting.default' => 'log']);
        $this->write(['BROADCAST_CONNECTION=reverb']);
        $this->assertFound(Status::Problem, 'writes events into the log', "config/broadcasting.php: 'default' => env('BROADCAST_CONNECTION', 'null')", $this->found('addresses'));

        // Of an application that was made with Laravel 10.
        file_put_contents("{$this->base}/config/broadcasting.php", "<?php return ['default' => env('BROADCAST_DRIVER', 'null')];");
        $this->write(['BROADCAST_CONNECTION=reverb', 'BROADCAST_DRIVER=log']);
        $this->assertFound(Status::Problem, 'writes events into the log', '.env:2 BROADCAST_DRIVER=reverb', $this->found('addresses'));
    }
}
