<?php

declare(strict_types=1);

namespace Revurb\Apps;

/**
 * Where apps come from. Bind your own in a service provider to keep them in a database, say.
 */
interface AppSource
{
    /** @return list<App> */
    public function all(): array;

    public function byId(string $id): ?App;

    public function byKey(string $key): ?App;
}
