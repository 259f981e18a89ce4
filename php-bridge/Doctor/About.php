<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Composer\InstalledVersions;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Doctor\Setup\Setups;
use Revurb\Process\BunSearch;
use Revurb\Process\NoBun;
use Revurb\Process\VersionProbe;

/**
 * The section of `php artisan about`. It asks nobody over the network.
 */
final readonly class About
{
    public const SECTION = 'Revurb';

    private const PACKAGE = 'revurb/revurb';

    public function __construct(
        private BunSearch $bun,
        private VersionProbe $probe,
        private ReverbConfig $config,
        private Setups $setups,
    ) {}

    /** @return array<string, string> */
    public function __invoke(): array
    {
        $setup = $this->setups->read(new Overrides);

        return [
            'Version' => InstalledVersions::isInstalled(self::PACKAGE) ? (string) InstalledVersions::getPrettyVersion(self::PACKAGE) : '-',
            'Bun' => $this->bun(),
            'Server' => $setup->server->url(),
            'Apps' => (string) count($setup->apps()),
            'Laravel publishes to' => $setup->publisher?->address->url() ?? '-',
            'Browsers connect to' => $setup->browsers?->address->url(scheme: 'ws') ?? '-',
        ];
    }

    private function bun(): string
    {
        try {
            $file = $this->bun->find($this->config->bun());
        } catch (NoBun) {
            return 'not found';
        }

        return "{$this->probe->versionOf($file)}, {$file}";
    }
}
