<?php

declare(strict_types=1);

namespace Revurb\Bun;

use Revurb\System\CleanProcess;
use Symfony\Component\Process\Exception\ExceptionInterface;

/**
 * Runs `bun --version`. Without its install script the npm package leaves a file that is executable and only prints an error, so that a
 * version is the only proof.
 */
final readonly class BunVersionProbe implements VersionProbe
{
    private const TIMEOUT_SECONDS = 10;

    public function versionOf(string $file): ?string
    {
        $environment = array_filter(['PATH' => getenv('PATH'), 'HOME' => getenv('HOME')], is_string(...));

        try {
            $process = CleanProcess::of([$file, '--version'], (string) getcwd(), $environment, timeoutSeconds: self::TIMEOUT_SECONDS);
            $process->run();
        } catch (ExceptionInterface) {
            return null;
        }

        $isVersion = preg_match('/^\d+\.\d+\.\d+/', trim($process->getOutput()), $version) === 1;

        return $process->isSuccessful() && $isVersion ? $version[0] : null;
    }
}
