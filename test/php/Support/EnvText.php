<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Environment\EnvFile;
use Revurb\Environment\Environment;

/** The environment of an application whose only .env file has the given text, for Laravel and for Vite. */
final readonly class EnvText
{
    public static function environment(string $text): Environment
    {
        $file = new EnvFile($text);

        return new Environment($file, [$file]);
    }
}
