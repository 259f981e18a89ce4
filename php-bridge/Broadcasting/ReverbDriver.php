<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Closure;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Broadcasting\Broadcaster;

/**
 * Laravel's own `reverb` driver, made as Laravel makes it, of a configuration that was changed before.
 */
final readonly class ReverbDriver
{
    /**
     * One that the app itself has put under that name stays, also where it did so before.
     *
     * @param  Closure(array<string, mixed>): array<string, mixed>  $prepare  gets and gives a connection of config/broadcasting.php
     */
    public static function replace(BroadcastManager $manager, Closure $prepare): void
    {
        // There is no public way to ask whether a name is taken, nor to make a built-in driver.
        (function () use ($prepare): void {
            $this->customCreators['reverb'] ??= fn (mixed $app, array $connection): Broadcaster => UnconfiguredBroadcaster::for($connection)
                ?? $this->createReverbDriver($prepare($connection));
        })->call($manager);
    }
}
