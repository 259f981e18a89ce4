<?php

declare(strict_types=1);

namespace Revurb\Apps;

/**
 * Lists the apps of the server. Bind a class of your own in a service provider to keep them in a database, for example.
 */
interface AppSource
{
    /**
     * Called when the server is started, and every five seconds from then on: what has changed takes effect without a restart.
     *
     * @return list<App> all apps, in any order
     */
    public function all(): array;
}
