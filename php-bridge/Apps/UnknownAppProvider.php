<?php

declare(strict_types=1);

namespace Revurb\Apps;

use RuntimeException;

final class UnknownAppProvider extends RuntimeException
{
    public function __construct(string $provider)
    {
        parent::__construct(
            "config/reverb.php names the app provider [{$provider}], which only laravel/reverb has. "
            .'Set it to "config", or bind '.AppSource::class.' to a class of your own.'
        );
    }
}
