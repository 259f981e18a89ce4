<?php

declare(strict_types=1);

namespace Revurb\Tests\Reverb;

use Laravel\Reverb\ReverbServiceProvider;
use Revurb\RevurbServiceProvider;

final class ReverbFirstTest extends BesideReverbTestCase
{
    protected function providers(): array
    {
        return [ReverbServiceProvider::class, RevurbServiceProvider::class];
    }
}
