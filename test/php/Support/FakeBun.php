<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Bun\BunRelease;
use Revurb\Bun\BunTarget;

/**
 * A shell script that plays a released Bun, and a release that has its SHA-512 for this machine.
 */
final class FakeBun
{
    public const VERSION = '1.4.99';

    public static function script(string $version = self::VERSION): string
    {
        return "#!/bin/sh\necho {$version}\n# ".implode("\n# ", array_map(static fn (int $i): string => hash('sha512', (string) $i), range(1, 2000)))."\n";
    }

    public static function release(string ...$scripts): BunRelease
    {
        $builds = [];

        foreach ($scripts === [] ? [self::script()] : $scripts as $script) {
            $builds[hash('sha512', $script)] = strlen($script);
        }

        return new BunRelease(self::VERSION, [(string) (new BunTarget)->name() => $builds]);
    }

    public static function name(): string
    {
        return 'bun-'.self::VERSION.'-'.(new BunTarget)->name();
    }

    public static function zip(?string $script = null): string
    {
        return Archives::zip(Archives::zipEntry('bun-x/', '', Archives::STORED), Archives::zipEntry('bun-x/bun', $script ?? self::script()));
    }

    public static function tarGz(?string $script = null): string
    {
        return Archives::tarGz(Archives::tarEntry('package/package.json', '{}'), Archives::tarEntry('package/bin/bun', $script ?? self::script()));
    }
}
