<?php

declare(strict_types=1);

namespace Revurb\Tests\Reverb;

use Laravel\Reverb\ReverbServiceProvider;
use Revurb\RevurbServiceProvider;

final class ReverbLastTest extends BesideReverbTestCase
{
    protected function providers(): array
    {
        return [RevurbServiceProvider::class, ReverbServiceProvider::class];
    }
}
