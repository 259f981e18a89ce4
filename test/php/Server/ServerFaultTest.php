<?php

declare(strict_types=1);

namespace Revurb\Tests\Server;

use PHPUnit\Framework\TestCase;
use Revurb\Server\Command;
use Revurb\Server\ServerFault;

final class ServerFaultTest extends TestCase
{
    public function test_a_bun_that_is_gone_is_named_with_the_command_that_gets_another(): void
    {
        $fault = ServerFault::atStart(new Command(['/no/such/bun', '/srv/revurb.js'], '/', [], '{}'), 127);

        $this->assertSame('The server cannot be started, because /no/such/bun is not there: run `php artisan reverb:bun --install` in the folder of the application', $fault->sentence);
        $this->assertSame(['no-bun', true], [$fault->code, $fault->isOfInstallation()]);
    }

    /** The command would not help as long as it is named. */
    public function test_a_bun_that_is_named_and_gone_has_another_fix(): void
    {
        $fault = ServerFault::atStart(new Command(['/no/such/bun', '/srv/revurb.js'], '/', [], '{}', isProgramNamed: true), 127);

        $this->assertSame('The server cannot be started, because /no/such/bun, which REVURB_BUN names, is not there: name another Bun, or remove REVURB_BUN and run `php artisan reverb:bun --install`', $fault->sentence);
        $this->assertSame(['no-bun', true], [$fault->code, $fault->isOfInstallation()]);
    }
}
