<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Closure;
use Composer\InstalledVersions;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunRelease;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Context\DoctorContextFactory;

/**
 * The section of `php artisan about`. It sends no request. Laravel creates every section and shows the requested ones, so each value is a
 * closure that Laravel calls when it shows it: Bun is run and the configuration read for this section only.
 */
final class About
{
    public const SECTION = 'Revurb';

    private const PACKAGE = 'revurb/revurb';

    private ?DoctorContext $context = null;

    public function __construct(
        private readonly BunFinder $bun,
        private readonly BunRelease $release,
        private readonly ReverbConfig $config,
        private readonly DoctorContextFactory $contexts,
    ) {}

    /** @return array<string, Closure(): string> */
    public function __invoke(): array
    {
        return [
            'Version' => static fn (): string => InstalledVersions::isInstalled(self::PACKAGE) ? (string) InstalledVersions::getPrettyVersion(self::PACKAGE) : '-',
            'Bun' => $this->bun(...),
            'Server' => fn (): string => $this->context()->server->url(),
            'Apps' => fn (): string => (string) count($this->context()->apps()),
            'Laravel publishes to' => fn (): string => $this->context()->publisher?->address->url() ?? '-',
            'Browsers connect to' => fn (): string => $this->context()->browsers?->address->url(scheme: 'ws') ?? '-',
        ];
    }

    private function context(): DoctorContext
    {
        return $this->context ??= $this->contexts->read(new Overrides);
    }

    private function bun(): string
    {
        try {
            return "{$this->bun->find($this->config->bun())->describe()}; tested with {$this->release->version}";
        } catch (BunNotFound $exception) {
            return $exception->isNamed ? 'not usable: '.implode($exception->found).' (REVURB_BUN)' : "not found: {$exception->fix()}";
        }
    }
}
