<?php

declare(strict_types=1);

namespace Revurb\Apps;

use RuntimeException;

final class UnknownAppProvider extends RuntimeException
{
    public function __construct(string $provider)
    {
        parent::__construct(
            "config/reverb.php asks for the app provider [{$provider}], which only laravel/reverb knows. "
            .'Set it to "config", or bind '.AppSource::class.' to a class of your own.'
        );
    }
}
