<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Closure;
use Composer\InstalledVersions;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\Setup\Setup;
use Revurb\Doctor\Setup\Setups;
use Revurb\Process\BunSearch;
use Revurb\Process\NoBun;

/**
 * The section of `php artisan about`. It sends no request. Laravel makes every section and shows those that were
 * asked for, so each value is a closure, which Laravel calls when it shows it: Bun is run, and the configuration read, for
 * this section alone.
 */
final class About
{
    public const SECTION = 'Revurb';

    private const PACKAGE = 'revurb/revurb';

    private ?Setup $setup = null;

    public function __construct(
        private readonly BunSearch $bun,
        private readonly ReverbConfig $config,
        private readonly Setups $setups,
    ) {}

    /** @return array<string, Closure(): string> */
    public function __invoke(): array
    {
        return [
            'Version' => static fn (): string => InstalledVersions::isInstalled(self::PACKAGE) ? (string) InstalledVersions::getPrettyVersion(self::PACKAGE) : '-',
            'Bun' => $this->bun(...),
            'Server' => fn (): string => $this->setup()->server->url(),
            'Apps' => fn (): string => (string) count($this->setup()->apps()),
            'Laravel publishes to' => fn (): string => $this->setup()->publisher?->address->url() ?? '-',
            'Browsers connect to' => fn (): string => $this->setup()->browsers?->address->url(scheme: 'ws') ?? '-',
        ];
    }

    private function setup(): Setup
    {
        return $this->setup ??= $this->setups->read(new Overrides);
    }

    private function bun(): string
    {
        try {
            return $this->bun->find($this->config->bun())->describe();
        } catch (NoBun) {
            return 'not found';
        }
    }
}
