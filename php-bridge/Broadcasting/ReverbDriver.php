<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Closure;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Broadcasting\Broadcaster;

/**
 * Laravel's own `reverb` driver, created as Laravel does it, with a configuration that was prepared before.
 */
final readonly class ReverbDriver
{
    /**
     * Replaces the driver. One that the application has registered under that name is kept.
     *
     * @param  Closure(array<string, mixed>): array<string, mixed>  $prepare  prepares a connection of config/broadcasting.php
     */
    public static function replace(BroadcastManager $manager, Closure $prepare): void
    {
        // Laravel has no public method to check whether a name is taken, nor to create a built-in driver.
        (function () use ($prepare): void {
            $this->customCreators['reverb'] ??= fn (mixed $app, array $connection): Broadcaster => UnconfiguredBroadcaster::for($connection)
                ?? $this->createReverbDriver($prepare($connection));
        })->call($manager);
    }
}
