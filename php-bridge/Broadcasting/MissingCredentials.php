<?php

declare(strict_types=1);

namespace Revurb\Broadcasting;

use Illuminate\Broadcasting\BroadcastException;

/**
 * A connection of config/broadcasting.php lacks the credentials with which every request to the server is signed.
 */
final class MissingCredentials extends BroadcastException
{
    /** @param  array<string, string>  $missing  key → the variable from which Laravel reads it */
    public function __construct(array $missing)
    {
        parent::__construct(sprintf(
            'Nothing can be broadcast and no channel can be authorized: the "reverb" connection of config/broadcasting.php has no %s. '
            .'Set %s in .env (`php artisan reverb:install` does), and run `php artisan config:cache` if the configuration is cached.',
            implode(', ', array_keys($missing)),
            implode(', ', $missing),
        ));
    }
}
